"""The decoder on torch, as a worker keeps it where there is no native code.

Every token is a row of its own, which makes a prompt the same to the last bit however it is cut.
Row-invariant on the CPU: every operation here was shown to give a row the same bits whatever rides
beside it. That is why attention is two matrix products over a padded cache, why norms and sums stay
in float32, and why the rows of a step are padded. Weights and cache are in the machine's own number
format. Refuses to train, to sample, and to know whose a row is.

Shapes: T new tokens, L cached positions, H heads, K width of a head, D d_model.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.activations import silu
from shared.models.decoder import NORM_EPS, Block, Decoder
from shared.models.inference_model import State
from shared.models.kv_cache import LENGTH_STEP, KVCache, Span
from shared.models.numerics import number_format
from shared.models.rotary import rotary_table, rotate

KERNELS = "matmul-attention.4"
"""Names this arithmetic; count up when a change here can change bits."""
ROWS_STEP = 4
"""Rows of a step are padded to a multiple of this: fewer are summed in another order."""
MIN_PRODUCT = 16**3
"""Multiplications up to which torch leaves a product to another kernel than oneDNN's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer's weights; matrices that read the same input are one."""

    attention_norm: Tensor
    qkv: Tensor
    out: Tensor
    feed_norm: Tensor
    gate_up: Tensor
    down: Tensor


class Resident:
    """A decoder ready to be stepped; a `Model`."""

    def __init__(self, decoder: Decoder, device: torch.device) -> None:
        assert ROWS_STEP * decoder.config.d_model * LENGTH_STEP > MIN_PRODUCT, "too narrow"
        self.config = decoder.config
        self.vocab_size, self.context = decoder.config.vocab_size, decoder.config.context
        self.device = device
        self.dtype = number_format(device)
        self.kernels = f"{str(self.dtype).removeprefix('torch.')} {KERNELS}"
        trunk = decoder.model
        self._embedding = self._matrix(trunk.embed_tokens)
        self._layers = [self._layer(block) for block in trunk.layers if isinstance(block, Block)]
        self._norm = self._vector(trunk.norm)
        config = self.config
        places = config.context + LENGTH_STEP  # the cache's, with those that nobody looks at
        self._rotary = rotary_table(places, config.head_dim, config.rope_theta).to(device)

    def init_state(self, rows: int) -> State:
        """Room for `rows` sequences, taken as they come."""
        return ResidentState(self, rows)

    def empty_cache(self) -> KVCache:
        """A cache without room, of this network's shape."""
        config = self.config
        shape = (config.layers, 0, config.heads, 0, config.head_dim)
        return KVCache(torch.zeros(shape, dtype=self.dtype, device=self.device))

    def hidden(self, ids: Tensor, cache: KVCache, span: Span) -> Tensor:
        """Take in ids [T] and return what the layers make of them, float32 [T, D]."""
        x = self._embedding[ids].float()
        angles = self._rotary[:, span.positions, None, None]  # [2, T, 1, 1, K]
        for index, layer in enumerate(self._layers):
            qkv = functional.linear(_norm(x, layer.attention_norm, self.dtype), layer.qkv)
            qkv = qkv.view(len(ids), 3, self.config.heads, self.config.head_dim)
            query, key = rotate(qkv[:, :2], angles).unbind(1)
            keys, values = cache.extend(index, span, key, qkv[:, 2])
            x = x + functional.linear(_attend(query, keys, values, span.hidden), layer.out)
            x = x + _feed_forward(_norm(x, layer.feed_norm, self.dtype), layer)
        return x

    def logits(self, x: Tensor) -> Tensor:
        """Logits float32 [..., V] of hidden states [..., D]."""
        return functional.linear(_norm(x, self._norm, self.dtype), self._embedding).float()

    def _layer(self, block: Block) -> Layer:
        attention, feed = block.self_attn, block.mlp
        return Layer(
            attention_norm=self._vector(block.input_layernorm),
            qkv=self._matrix(attention.q_proj, attention.k_proj, attention.v_proj),
            out=self._matrix(attention.o_proj),
            feed_norm=self._vector(block.post_attention_layernorm),
            gate_up=self._matrix(feed.gate_proj, feed.up_proj),
            down=self._matrix(feed.down_proj),
        )

    def _matrix(self, *modules: torch.nn.Linear | torch.nn.Embedding) -> Tensor:
        weight = torch.cat([module.weight.detach() for module in modules])
        return weight.to(self.device, self.dtype)

    def _vector(self, module: torch.nn.RMSNorm) -> Tensor:
        return module.weight.detach().to(self.device, torch.float32, copy=True)


class ResidentState:
    """What a resident decoder remembers of its rows; a `State`."""

    def __init__(self, model: Resident, rows: int) -> None:
        self._model = model
        self._cache = model.empty_cache()
        self._cache.reserve(rows, 1)

    @torch.inference_mode()
    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in tokens; logits float32 [T, V] of what follows each."""
        unused = -len(rows) % ROWS_STEP
        self._cache.reserve(max(int(rows.max()) + 1, len(rows) + unused), int(positions.max()) + 2)
        in_order = torch.equal(rows, torch.arange(len(rows)))
        span = self._cache.span(
            None if in_order else functional.pad(rows, (0, unused)),
            functional.pad(positions, (0, unused), value=self._cache.length - 1),  # nobody's place
        )
        ids = functional.pad(tokens, (0, unused))
        return self._model.logits(self._model.hidden(ids, self._cache, span))[: len(tokens)]

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another."""
        self._cache.move(source, target)


def _attend(query: Tensor, keys: Tensor, values: Tensor, hidden: Tensor) -> Tensor:
    """Softmax attention of queries [T, H, K] over keys and values [T, H, L, K]: [T, D].

    Two products, not `scaled_dot_product_attention`, which takes several times as long on the CPU
    for a single query of each of many rows.
    """
    scores = (query[:, :, None] @ keys.transpose(2, 3)).float() / math.sqrt(query.shape[-1])
    shares = scores.masked_fill(hidden, -torch.inf).softmax(-1).to(values.dtype)
    return (shares @ values).flatten(1)


def _feed_forward(x: Tensor, layer: Layer) -> Tensor:
    gate, up = functional.linear(x, layer.gate_up).chunk(2, dim=-1)
    return functional.linear(silu(gate) * up, layer.down)


def _norm(x: Tensor, weight: Tensor, dtype: torch.dtype) -> Tensor:
    """RMSNorm of float32 x, rounded to what the matrices are in."""
    return functional.rms_norm(x, weight.shape, weight, NORM_EPS).to(dtype)
