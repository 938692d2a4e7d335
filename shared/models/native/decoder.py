"""The decoder as native code: weights and a static cache of 8 bits, one call a step.

Row-invariant by construction: what the native code sums, it sums in an order that depends on a
token's place in its sequence alone. Refuses to train, to sample, and to know whose a row is.
"""

import ctypes
import mmap
from ctypes import c_float, c_int, c_void_p

import torch
from torch import Tensor

from shared.models.decoder import NORM_EPS, Block, Decoder
from shared.models.native.arena import Arena, reserve
from shared.models.native.build import version
from shared.models.native.packing import byte_panels, interleave

KERNELS = "int8 native-decoder.3"
"""Names this arithmetic; count up when a change in the native code can change bits."""


class _Layer(ctypes.Structure):
    _fields_ = tuple(
        (name, c_void_p)
        for name in ("attention_norm", "feed_norm", "qkv", "out", "gate_up", "down")
    )


class _Decoder(ctypes.Structure):
    _fields_ = (
        *((name, c_int) for name in ("layers", "heads", "head_dim", "d_model", "d_ff")),
        *((name, c_int) for name in ("vocabulary", "context")),
        ("norm_eps", c_float),
        *((name, c_void_p) for name in ("embedding", "final_norm", "cosines", "sines")),
        *((name, c_void_p) for name in ("head", "layer")),
    )


class _Rows(ctypes.Structure):
    _fields_ = (("count", c_int), *((name, c_void_p) for name in ("slots", "tokens", "positions")))


class NativeDecoder:
    """A decoder ready to be stepped; a `Model`."""

    def __init__(self, decoder: Decoder, native: ctypes.CDLL) -> None:
        """`native` is what `library` returned; ask `fits` first."""
        self.kernels = f"{KERNELS} {version()}"
        self.vocab_size, self.context = decoder.config.vocab_size, decoder.config.context
        self.device = torch.device("cpu")
        self._native = native
        weights = sum(weight.numel() for weight in decoder.parameters())
        self._arena = Arena(weights + decoder.model.table.numel())
        self._structure = self._describe(decoder)
        native.decoder_slot_bytes.restype = ctypes.c_size_t
        self.slot_bytes: int = native.decoder_slot_bytes(ctypes.byref(self._structure))

    def init_state(self, rows: int) -> "NativeState":
        """Room for `rows` sequences, which takes memory as it is written to."""
        return NativeState(self, rows)

    def step(self, cache: mmap.mmap, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Logits float32 [T, V] of what follows tokens [T] at positions [T] of slots [T].

        Raises:
            IndexError: a token is not in the vocabulary, or a position beyond the context.
        """
        if int(tokens.max()) >= self.vocab_size or int(positions.max()) >= self.context:
            raise IndexError(f"tokens {tokens.tolist()} at positions {positions.tolist()}")
        columns = [column.contiguous() for column in (slots, tokens, positions)]
        logits = torch.empty(len(tokens), self.vocab_size)
        rows = _Rows(len(tokens), *(column.data_ptr() for column in columns))
        self._native.decoder_step(
            ctypes.byref(self._structure),
            (ctypes.c_char * 0).from_buffer(cache),
            ctypes.byref(rows),
            torch.get_num_threads(),
            c_void_p(logits.data_ptr()),
        )
        return logits

    def _describe(self, decoder: Decoder) -> _Decoder:
        config, trunk = decoder.config, decoder.model
        layers = [self._layer(block) for block in trunk.layers if isinstance(block, Block)]
        self._layers = (_Layer * config.layers)(*layers)
        embedding = trunk.embed_tokens.weight
        return _Decoder(
            config.layers,
            config.heads,
            config.head_dim,
            config.d_model,
            config.d_ff,
            config.vocab_size,
            config.context,
            NORM_EPS,
            self._keep(embedding.bfloat16().float()),
            self._keep(trunk.norm.weight.float()),
            *(self._keep(table) for table in trunk.table),
            self._matrix(embedding),
            ctypes.addressof(self._layers),
        )

    def _layer(self, block: Block) -> _Layer:
        attention, feed = block.self_attn, block.mlp
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        half = self._native.panel_outputs() // 2
        return _Layer(
            self._keep(block.input_layernorm.weight.float()),
            self._keep(block.post_attention_layernorm.weight.float()),
            self._matrix(torch.cat([each.weight for each in projections])),
            self._matrix(attention.o_proj.weight),
            self._matrix(interleave(feed.gate_proj.weight, feed.up_proj.weight, run=half)),
            self._matrix(feed.down_proj.weight),
        )

    def _matrix(self, weight: Tensor) -> int:
        return self._keep(byte_panels(weight, self._native.panel_outputs()))

    def _keep(self, tensor: Tensor) -> int:
        return self._arena.keep(tensor).data_ptr()


class NativeState:
    """What a native decoder remembers of its rows; a `State`."""

    def __init__(self, model: NativeDecoder, rows: int) -> None:
        self._model = model
        self._cache = reserve(rows * model.slot_bytes)
        self._slots = torch.arange(rows)

    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in tokens; logits float32 [T, V] of what follows each."""
        return self._model.step(self._cache, self._slots[rows], tokens, positions)

    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another, which gives it its slot."""
        self._slots[[source, target]] = self._slots[[target, source]]


def fits(decoder: Decoder, native: ctypes.CDLL) -> bool:
    """Whether the native code has room for a network of this shape."""
    config = decoder.config
    return bool(native.decoder_fits(config.head_dim, config.context, config.d_ff))
