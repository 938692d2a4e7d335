"""The decoder for inference as native code, with 8-bit weights and KV cache.

Batch-invariant by construction: the order in which the native code sums depends only on a token's
position in its sequence. One call of the library for each step.
"""

import ctypes
import mmap
from ctypes import c_float, c_int, c_void_p

import torch
from torch import Tensor

from shared.models.decoder import NORM_EPS, Decoder, DecoderLayer
from shared.models.native.arena import Arena, allocate
from shared.models.native.build import compiler_version
from shared.models.native.packing import interleave, pack_int8_panels

KERNELS = "int8 native-decoder.3"
"""Part of the numerics id; increment it when a change in the native code can change bits."""


class _Layer(ctypes.Structure):
    _fields_ = tuple(
        (name, c_void_p)
        for name in ("attention_norm", "feed_norm", "qkv", "out", "gate_up", "down")
    )


class _Decoder(ctypes.Structure):
    _fields_ = (
        *((name, c_int) for name in ("layers", "heads", "head_dim", "d_model", "d_ff")),
        *((name, c_int) for name in ("vocab_size", "context")),
        ("norm_eps", c_float),
        *((name, c_void_p) for name in ("embedding", "final_norm", "cosines", "sines")),
        *((name, c_void_p) for name in ("head", "layer")),
    )


class _Batch(ctypes.Structure):
    _fields_ = (("count", c_int), *((name, c_void_p) for name in ("slots", "tokens", "positions")))


class NativeDecoder:
    """A decoder loaded for inference; implements `InferenceModel`."""

    def __init__(self, decoder: Decoder, library: ctypes.CDLL) -> None:
        """`library` is the result of `load_library`; `is_supported` must be true."""
        self.kernels = f"{KERNELS} {compiler_version()}"
        self.vocab_size, self.context = decoder.config.vocab_size, decoder.config.context
        self.device = torch.device("cpu")
        self._library = library
        weights = sum(weight.numel() for weight in decoder.parameters())
        self._arena = Arena(weights + decoder.model.rotary.numel())
        self._structure = self._build_structure(decoder)
        library.decoder_slot_bytes.restype = ctypes.c_size_t
        self.slot_bytes: int = library.decoder_slot_bytes(ctypes.byref(self._structure))

    def init_state(self, num_slots: int) -> "NativeDecoderState":
        """Empty slots; physical memory is allocated when it is written to."""
        return NativeDecoderState(self, num_slots)

    def step(self, cache: mmap.mmap, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Logits float32 [T, V] after tokens [T] at positions [T] of cache slots [T].

        Raises:
            IndexError: a token is not in the vocabulary, or a position is beyond the context.
        """
        if int(tokens.max()) >= self.vocab_size or int(positions.max()) >= self.context:
            raise IndexError(f"tokens {tokens.tolist()} at positions {positions.tolist()}")
        columns = [column.contiguous() for column in (slots, tokens, positions)]
        logits = torch.empty(len(tokens), self.vocab_size)
        batch = _Batch(len(tokens), *(column.data_ptr() for column in columns))
        self._library.decoder_step(
            ctypes.byref(self._structure),
            (ctypes.c_char * 0).from_buffer(cache),
            ctypes.byref(batch),
            torch.get_num_threads(),
            c_void_p(logits.data_ptr()),
        )
        return logits

    def _build_structure(self, decoder: Decoder) -> _Decoder:
        config, llama = decoder.config, decoder.model
        layers = [self._layer(layer) for layer in llama.layers if isinstance(layer, DecoderLayer)]
        self._layers = (_Layer * config.layers)(*layers)
        embedding = llama.embed_tokens.weight
        return _Decoder(
            config.layers,
            config.heads,
            config.head_dim,
            config.d_model,
            config.d_ff,
            config.vocab_size,
            config.context,
            NORM_EPS,
            self._store(embedding.bfloat16().float()),
            self._store(llama.norm.weight.float()),
            *(self._store(table) for table in llama.rotary),
            self._matrix(embedding),
            ctypes.addressof(self._layers),
        )

    def _layer(self, layer: DecoderLayer) -> _Layer:
        attention, mlp = layer.self_attn, layer.mlp
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        half_panel = self._library.panel_outputs() // 2
        return _Layer(
            self._store(layer.input_layernorm.weight.float()),
            self._store(layer.post_attention_layernorm.weight.float()),
            self._matrix(torch.cat([projection.weight for projection in projections])),
            self._matrix(attention.o_proj.weight),
            self._matrix(
                interleave(mlp.gate_proj.weight, mlp.up_proj.weight, block_size=half_panel)
            ),
            self._matrix(mlp.down_proj.weight),
        )

    def _matrix(self, weight: Tensor) -> int:
        return self._store(pack_int8_panels(weight, self._library.panel_outputs()))

    def _store(self, tensor: Tensor) -> int:
        return self._arena.store(tensor).data_ptr()


class NativeDecoderState:
    """The slots of a `NativeDecoder`; implements `InferenceState`."""

    def __init__(self, model: NativeDecoder, num_slots: int) -> None:
        self._model = model
        self._cache = allocate(num_slots * model.slot_bytes)
        self._cache_slots = torch.arange(num_slots)
        """The cache slot of each slot: a move swaps two numbers instead of copying a cache."""

    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Process tokens; returns the logits float32 [T, V] after each."""
        return self._model.step(self._cache, self._cache_slots[slots], tokens, positions)

    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot by swapping their cache slots."""
        self._cache_slots[[source, target]] = self._cache_slots[[target, source]]


def is_supported(decoder: Decoder, library: ctypes.CDLL) -> bool:
    """Whether the native code supports a network of this shape."""
    config = decoder.config
    return bool(library.decoder_is_supported(config.head_dim, config.context, config.d_ff))
