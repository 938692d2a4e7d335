"""The LSTM for inference as native code, in float32.

Batch-invariant by construction.
"""

import ctypes
from ctypes import c_int, c_void_p

import torch
from torch import Tensor

from shared.models.lstm import Lstm
from shared.models.lstm_inference import LstmLayer, build_lstm_layers, group_by_timestep
from shared.models.native.arena import Arena
from shared.models.native.build import compiler_version
from shared.models.native.packing import interleave, pack_float_panels
from shared.models.torch_lstm import UNLIMITED_CONTEXT

KERNELS = "fp32 native-lstm.2"
"""Part of the numerics id; increment it when a change in the native code can change bits."""


class _Layer(ctypes.Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("weight", "bias", "hidden", "cells")),
        ("units", c_int),
    )


class _Lstm(ctypes.Structure):
    _fields_ = (
        *((name, c_int) for name in ("layers", "vocab_size")),
        *((name, c_void_p) for name in ("head", "head_bias", "layer")),
    )


class NativeLstm:
    """An LSTM loaded for inference; implements `InferenceModel`."""

    def __init__(self, lstm: Lstm, library: ctypes.CDLL) -> None:
        """`library` is the result of `load_library`; `is_supported` must be true."""
        self.kernels = f"{KERNELS} {compiler_version()}"
        self.vocab_size, self.context = lstm.config.vocab_size, UNLIMITED_CONTEXT
        self.device = torch.device("cpu")
        self.units = lstm.config.units
        self.library = library
        panel = library.panel_outputs()
        gates = [_pack_gates(layer, panel) for layer in build_lstm_layers(lstm)]
        head = (pack_float_panels(lstm.head.weight, panel), lstm.head.bias)
        arena = Arena(sum(part.numel() for pair in (*gates, head) for part in pair))
        self.layers = [tuple(map(arena.store, pair)) for pair in gates]
        self.head = tuple(map(arena.store, head))

    def init_state(self, num_slots: int) -> "NativeLstmState":
        """Empty slots."""
        return NativeLstmState(self, num_slots)


class NativeLstmState:
    """The slots of a `NativeLstm`; implements `InferenceState`."""

    def __init__(self, model: NativeLstm, num_slots: int) -> None:
        self._model = model
        self._hidden = [torch.zeros(num_slots, units) for units in model.units]
        self._cells = [torch.zeros(num_slots, units) for units in model.units]
        parts = zip(model.layers, self._hidden, self._cells, model.units, strict=True)
        layers = [
            _Layer(*(tensor.data_ptr() for tensor in (*gates, hidden, cells)), units)
            for gates, hidden, cells, units in parts
        ]
        self._layers = (_Layer * len(layers))(*layers)
        self._structure = _Lstm(
            len(layers),
            model.vocab_size,
            *(part.data_ptr() for part in model.head),
            ctypes.addressof(self._layers),
        )

    @torch.inference_mode()
    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Process tokens; returns the logits float32 [T, V] after each.

        Raises:
            IndexError: a token is not in the vocabulary.
        """
        if int(tokens.max()) >= self._model.vocab_size:
            raise IndexError(f"tokens {tokens.tolist()}")
        logits = torch.empty(len(tokens), self._model.vocab_size)
        for group in group_by_timestep(slots):
            self._reset(slots[group[positions[group] == 0]])
            logits[group] = self._step(slots[group], tokens[group])
        return logits

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot."""
        for tensor in (*self._hidden, *self._cells):
            tensor[target] = tensor[source]

    def _reset(self, slots: Tensor) -> None:
        if len(slots):
            for tensor in (*self._hidden, *self._cells):
                tensor[slots] = 0

    def _step(self, slots: Tensor, tokens: Tensor) -> Tensor:
        logits = torch.empty(len(slots), self._model.vocab_size)
        self._model.library.lstm_step(
            ctypes.byref(self._structure),
            c_void_p(slots.data_ptr()),
            len(slots),
            c_void_p(tokens.data_ptr()),
            torch.get_num_threads(),
            c_void_p(logits.data_ptr()),
        )
        return logits


def is_supported(lstm: Lstm, library: ctypes.CDLL) -> bool:
    """Whether the native code supports a network of this shape."""
    lanes = library.panel_outputs() // 4
    return all(units % lanes == 0 for units in lstm.config.units)


def _pack_gates(layer: LstmLayer, panel: int) -> tuple[Tensor, Tensor]:
    """The matrix in panels, each with all four gates of a group of units; the bias likewise."""
    block_size = panel // 4
    return (
        pack_float_panels(interleave(*layer.weight.chunk(4), block_size=block_size), panel),
        interleave(*layer.bias.T.chunk(4), block_size=block_size).T.contiguous(),
    )
