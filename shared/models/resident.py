"""The decoder as a worker keeps it: a static KV cache, one new token a row and step.

Row-invariant on the CPU: every operation here was shown to give a row the same bits whatever rides
beside it. That is why attention is two matrix products over a padded cache, why norms and sums stay
in float32, why a prompt is taken in by chunks that depend on the sequence alone, and why the rows
of a step are padded. Weights and cache are in the machine's own number format. Refuses to train, to
sample, and to know whose a row is.

Shapes: R rows, T new tokens of each, L cached positions, H heads, K width of a head, D d_model.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.decoder import NORM_EPS, Block, Decoder
from shared.models.kv_cache import LENGTH_STEP, KVCache, Span
from shared.models.numerics import number_format
from shared.models.rotary import rotate

KERNELS = "matmul-attention.2"
"""Names this arithmetic; count up when a change here can change bits."""
PREFILL_CHUNK = LENGTH_STEP
"""Tokens of a prompt taken in at once; the number of queries changes the bits of attention."""
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
        self.device = device
        self.dtype = number_format(device)
        trunk = decoder.model.to(device)
        self._embedding = _matrix(self.dtype, trunk.embed_tokens)
        self._layers = [
            _layer(self.dtype, block) for block in trunk.layers if isinstance(block, Block)
        ]
        self._norm = _vector(trunk.norm)
        self._rotary = trunk.table

    @property
    def kernels(self) -> str:
        """The number format of the matrices, and the form of the operations."""
        return f"{str(self.dtype).removeprefix('torch.')} {KERNELS}"

    @property
    def vocab_size(self) -> int:
        """Number of token ids."""
        return self.config.vocab_size

    @property
    def context(self) -> int:
        """Positions that a row can hold."""
        return self.config.context

    def init_state(self, rows: int) -> "ResidentState":
        """An empty cache, with room for `rows` sequences as they come."""
        config = self.config
        shape = (config.layers, 0, config.heads, 0, config.head_dim)
        cache = KVCache(torch.zeros(shape, dtype=self.dtype, device=self.device))
        cache.reserve(rows, 1)
        return ResidentState(self, cache)

    def hidden(self, ids: Tensor, cache: KVCache, span: Span) -> Tensor:
        """Take in ids [R, T] and return what the layers make of them, float32 [R, T, D]."""
        x = self._embedding[ids].float()
        angles = self._rotary[:, span.positions, None, None]  # [2, R, T, 1, 1, K]
        for index, layer in enumerate(self._layers):
            qkv = functional.linear(_norm(x, layer.attention_norm, self.dtype), layer.qkv)
            qkv = qkv.view(*ids.shape, 3, self.config.heads, self.config.head_dim)
            query, key = rotate(qkv[:, :, :2], angles).unbind(2)
            keys, values = cache.extend(index, span, key, qkv[:, :, 2])
            x = x + functional.linear(_attend(query, keys, values, span.hidden), layer.out)
            x = x + _feed_forward(_norm(x, layer.feed_norm, self.dtype), layer)
        return x

    def logits(self, x: Tensor) -> Tensor:
        """Logits float32 [..., V] of hidden states [..., D]."""
        return functional.linear(_norm(x, self._norm, self.dtype), self._embedding).float()


class ResidentState:
    """What a resident decoder remembers of its rows; a `State`."""

    def __init__(self, model: Resident, cache: KVCache) -> None:
        self._model = model
        self._cache = cache

    @torch.inference_mode()
    def prefill(self, row: int, tokens: Sequence[int]) -> None:
        """Take in a prompt by chunks that start at multiples of `PREFILL_CHUNK`."""
        self._cache.reserve(row + 1, len(tokens))
        for start in range(0, len(tokens), PREFILL_CHUNK):
            ids = torch.tensor([tokens[start : start + PREFILL_CHUNK]])
            positions = torch.arange(start, start + ids.shape[1])[None]
            span = self._cache.span(row, positions, start + PREFILL_CHUNK)
            self._model.hidden(ids.to(self._model.device), self._cache, span)

    @torch.inference_mode()
    def step(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in one token a row, rows 0..B-1, and return logits float32 [B, V]."""
        unused = -len(tokens) % ROWS_STEP
        ids, places = (
            functional.pad(column, (0, unused))[:, None] for column in (tokens, positions)
        )
        length = self._cache.fit(len(ids), int(places.max()) + 1)
        span = self._cache.span(0, places, length)
        x = self._model.hidden(ids.to(self._model.device), self._cache, span)
        return self._model.logits(x[:, 0])[: len(tokens)]

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another."""
        self._cache.move(source, target)


def _attend(query: Tensor, keys: Tensor, values: Tensor, hidden: Tensor) -> Tensor:
    """Softmax attention of queries [R, T, H, K] over keys and values [R, H, L, K]: [R, T, D].

    Two products, not `scaled_dot_product_attention`, which takes several times as long on the CPU
    for a single query of each of many rows.
    """
    scores = (query.transpose(1, 2) @ keys.transpose(2, 3)).float() / math.sqrt(query.shape[-1])
    shares = scores.masked_fill(hidden, -torch.inf).softmax(-1).to(values.dtype)
    return (shares @ values).transpose(1, 2).flatten(2)


def _feed_forward(x: Tensor, layer: Layer) -> Tensor:
    gate, up = functional.linear(x, layer.gate_up).chunk(2, dim=-1)
    return functional.linear(functional.silu(gate) * up, layer.down)


def _norm(x: Tensor, weight: Tensor, dtype: torch.dtype) -> Tensor:
    """RMSNorm of float32 x, rounded to what the matrices are in."""
    return functional.rms_norm(x, weight.shape, weight, NORM_EPS).to(dtype)


def _layer(dtype: torch.dtype, block: Block) -> Layer:
    attention, feed = block.self_attn, block.mlp
    return Layer(
        attention_norm=_vector(block.input_layernorm),
        qkv=_matrix(dtype, attention.q_proj, attention.k_proj, attention.v_proj),
        out=_matrix(dtype, attention.o_proj),
        feed_norm=_vector(block.post_attention_layernorm),
        gate_up=_matrix(dtype, feed.gate_proj, feed.up_proj),
        down=_matrix(dtype, feed.down_proj),
    )


def _matrix(dtype: torch.dtype, *modules: torch.nn.Linear | torch.nn.Embedding) -> Tensor:
    return torch.cat([module.weight.detach() for module in modules]).to(dtype)


def _vector(module: torch.nn.RMSNorm) -> Tensor:
    return module.weight.detach().float()
