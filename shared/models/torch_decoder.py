"""The decoder for inference on torch, used where there is no native code.

Each token is processed as a separate row, so the bits do not depend on how a prompt is split into
chunks. Batch-invariant on the CPU: for each operation here, tests show that the bits of a row
do not depend on the other rows. Hence attention is two matrix products over a padded cache, norms
and sums stay in float32, and the rows of a step are padded. Weights and cache have the dtype of
`compute_dtype`.

Shapes: T new tokens, L cached positions, H heads, K width of a head, D d_model, V vocabulary.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.activations import silu
from shared.models.decoder import NORM_EPS, Decoder, DecoderLayer
from shared.models.inference_model import InferenceState
from shared.models.kv_cache import LENGTH_MULTIPLE, AttentionMetadata, KVCache
from shared.models.numerics import compute_dtype
from shared.models.rotary import rotary_table, rotate

KERNELS = "matmul-attention.4"
"""Part of the numerics id; increment it when a change here can change bits."""
ROW_MULTIPLE = 4
"""Rows of a step are padded to a multiple of this, because fewer are summed in another order."""
SMALL_MATMUL_LIMIT = 16**3
"""Up to this many multiplications torch uses another kernel than oneDNN's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerWeights:
    """One layer's weights; matrices with the same input are concatenated."""

    attention_norm: Tensor
    qkv: Tensor
    out: Tensor
    feed_norm: Tensor
    gate_up: Tensor
    down: Tensor


class TorchDecoder:
    """A decoder loaded for inference; implements `InferenceModel`."""

    def __init__(self, decoder: Decoder, device: torch.device) -> None:
        config = decoder.config
        assert ROW_MULTIPLE * config.d_model * LENGTH_MULTIPLE > SMALL_MATMUL_LIMIT, "too narrow"
        self.config = config
        self.vocab_size, self.context = config.vocab_size, config.context
        self.device = device
        self.dtype = compute_dtype(device)
        self.kernels = f"{str(self.dtype).removeprefix('torch.')} {KERNELS}"
        llama = decoder.model
        self._embedding = self._matrix(llama.embed_tokens)
        self._layers = [
            self._layer(layer) for layer in llama.layers if isinstance(layer, DecoderLayer)
        ]
        self._norm = self._vector(llama.norm)
        cache_length = config.context + LENGTH_MULTIPLE  # including padding
        self._rotary = rotary_table(cache_length, config.head_dim, config.rope_theta).to(device)

    def init_state(self, num_slots: int) -> InferenceState:
        """Empty slots; memory grows as sequences arrive."""
        return TorchDecoderState(self, num_slots)

    def new_cache(self) -> KVCache:
        """A cache without slots, with this network's shape."""
        config = self.config
        shape = (config.layers, 0, config.heads, 0, config.head_dim)
        return KVCache(torch.zeros(shape, dtype=self.dtype, device=self.device))

    def hidden_states(self, ids: Tensor, cache: KVCache, metadata: AttentionMetadata) -> Tensor:
        """Run the layers on ids [T], writing to the cache; returns float32 [T, D]."""
        x = self._embedding[ids].float()
        angles = self._rotary[:, metadata.positions, None, None]  # [2, T, 1, 1, K]
        for index, layer in enumerate(self._layers):
            qkv = functional.linear(_norm(x, layer.attention_norm, self.dtype), layer.qkv)
            qkv = qkv.view(len(ids), 3, self.config.heads, self.config.head_dim)
            query, key = rotate(qkv[:, :2], angles).unbind(1)
            keys, values = cache.update(index, metadata, key, qkv[:, 2])
            x = x + functional.linear(_attend(query, keys, values, metadata.masked), layer.out)
            x = x + _feed_forward(_norm(x, layer.feed_norm, self.dtype), layer)
        return x

    def logits(self, x: Tensor) -> Tensor:
        """Logits float32 [..., V] of hidden states [..., D]."""
        return functional.linear(_norm(x, self._norm, self.dtype), self._embedding).float()

    def _layer(self, layer: DecoderLayer) -> LayerWeights:
        attention, mlp = layer.self_attn, layer.mlp
        return LayerWeights(
            attention_norm=self._vector(layer.input_layernorm),
            qkv=self._matrix(attention.q_proj, attention.k_proj, attention.v_proj),
            out=self._matrix(attention.o_proj),
            feed_norm=self._vector(layer.post_attention_layernorm),
            gate_up=self._matrix(mlp.gate_proj, mlp.up_proj),
            down=self._matrix(mlp.down_proj),
        )

    def _matrix(self, *modules: torch.nn.Linear | torch.nn.Embedding) -> Tensor:
        weight = torch.cat([module.weight.detach() for module in modules])
        return weight.to(self.device, self.dtype)

    def _vector(self, module: torch.nn.RMSNorm) -> Tensor:
        return module.weight.detach().to(self.device, torch.float32, copy=True)


class TorchDecoderState:
    """The slots of a `TorchDecoder`; implements `InferenceState`."""

    def __init__(self, model: TorchDecoder, num_slots: int) -> None:
        self._model = model
        self._cache = model.new_cache()
        self._cache.reserve(num_slots, 1)

    @torch.inference_mode()
    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Process tokens; returns the logits float32 [T, V] after each."""
        padding = -len(slots) % ROW_MULTIPLE
        num_slots = max(int(slots.max()) + 1, len(slots) + padding)
        self._cache.reserve(num_slots, int(positions.max()) + 2)
        contiguous = torch.equal(slots, torch.arange(len(slots)))
        metadata = self._cache.metadata(
            None if contiguous else functional.pad(slots, (0, padding)),
            # padding writes to the last position, which no sequence uses
            functional.pad(positions, (0, padding), value=self._cache.length - 1),
        )
        ids = functional.pad(tokens, (0, padding))
        hidden = self._model.hidden_states(ids, self._cache, metadata)
        return self._model.logits(hidden)[: len(tokens)]

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot."""
        self._cache.move(source, target)


def _attend(query: Tensor, keys: Tensor, values: Tensor, masked: Tensor) -> Tensor:
    """Softmax attention of queries [T, H, K] over keys and values [T, H, L, K]: [T, D].

    Two products instead of `scaled_dot_product_attention`, which takes several times as long on the
    CPU for a batch of many rows with one query each.
    """
    scores = (query[:, :, None] @ keys.transpose(2, 3)).float() / math.sqrt(query.shape[-1])
    weights = scores.masked_fill(masked, -torch.inf).softmax(-1).to(values.dtype)
    return (weights @ values).flatten(1)


def _feed_forward(x: Tensor, layer: LayerWeights) -> Tensor:
    gate, up = functional.linear(x, layer.gate_up).chunk(2, dim=-1)
    return functional.linear(silu(gate) * up, layer.down)


def _norm(x: Tensor, weight: Tensor, dtype: torch.dtype) -> Tensor:
    """RMSNorm of float32 x, rounded to the dtype of the matrices."""
    return functional.rms_norm(x, weight.shape, weight, NORM_EPS).to(dtype)
