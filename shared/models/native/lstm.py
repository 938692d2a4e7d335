"""The LSTM as native code: float32, one call a step. Row-invariant by construction.

Refuses to train, to sample, and to know whose a row is.
"""

import ctypes
from ctypes import c_int, c_void_p

import torch
from torch import Tensor

from shared.models.lstm import Lstm
from shared.models.lstm_inference import Layer, layers_of
from shared.models.native.arena import Arena
from shared.models.native.build import version
from shared.models.native.packing import float_panels, interleave
from shared.models.torch_lstm import ENDLESS
from shared.models.waves import waves

KERNELS = "fp32 native-lstm.2"
"""Names this arithmetic; count up when a change in the native code can change bits."""


class _Layer(ctypes.Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("weight", "bias", "hidden", "cells")),
        ("units", c_int),
    )


class _Lstm(ctypes.Structure):
    _fields_ = (
        *((name, c_int) for name in ("layers", "vocabulary")),
        *((name, c_void_p) for name in ("head", "head_bias", "layer")),
    )


class NativeLstm:
    """An LSTM ready to be stepped; a `Model`."""

    def __init__(self, lstm: Lstm, native: ctypes.CDLL) -> None:
        """`native` is what `library` returned; ask `fits` first."""
        self.kernels = f"{KERNELS} {version()}"
        self.vocab_size, self.context = lstm.config.vocab_size, ENDLESS
        self.device = torch.device("cpu")
        self.units = lstm.config.units
        self.native = native
        panel = native.panel_outputs()
        gates = [_gates(layer, panel) for layer in layers_of(lstm)]
        head = (float_panels(lstm.head.weight, panel), lstm.head.bias)
        arena = Arena(sum(part.numel() for pair in (*gates, head) for part in pair))
        self.layers = [tuple(map(arena.keep, pair)) for pair in gates]
        self.head = tuple(map(arena.keep, head))

    def init_state(self, rows: int) -> "NativeLstmState":
        """Room for `rows` sequences."""
        return NativeLstmState(self, rows)


class NativeLstmState:
    """What a native LSTM remembers of its rows; a `State`."""

    def __init__(self, model: NativeLstm, rows: int) -> None:
        self._model = model
        self._hidden = [torch.zeros(rows, units) for units in model.units]
        self._cells = [torch.zeros(rows, units) for units in model.units]
        tensors = zip(model.layers, self._hidden, self._cells, model.units, strict=True)
        layers = [
            _Layer(*(t.data_ptr() for t in (*gates, hidden, cells)), units)
            for gates, hidden, cells, units in tensors
        ]
        self._layers = (_Layer * len(layers))(*layers)
        self._structure = _Lstm(
            len(layers),
            model.vocab_size,
            *(part.data_ptr() for part in model.head),
            ctypes.addressof(self._layers),
        )

    @torch.inference_mode()
    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in tokens; logits float32 [T, V] of what follows each.

        Raises:
            IndexError: a token is none of the vocabulary.
        """
        if int(tokens.max()) >= self._model.vocab_size:
            raise IndexError(f"tokens {tokens.tolist()}")
        logits = torch.empty(len(tokens), self._model.vocab_size)
        for wave in waves(rows):
            self._forget(rows[wave[positions[wave] == 0]])
            logits[wave] = self._step(rows[wave], tokens[wave])
        return logits

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another."""
        for tensor in (*self._hidden, *self._cells):
            tensor[target] = tensor[source]

    def _forget(self, rows: Tensor) -> None:
        if len(rows):
            for tensor in (*self._hidden, *self._cells):
                tensor[rows] = 0

    def _step(self, rows: Tensor, tokens: Tensor) -> Tensor:
        logits = torch.empty(len(rows), self._model.vocab_size)
        self._model.native.lstm_step(
            ctypes.byref(self._structure),
            c_void_p(rows.data_ptr()),
            len(rows),
            c_void_p(tokens.data_ptr()),
            torch.get_num_threads(),
            c_void_p(logits.data_ptr()),
        )
        return logits


def fits(lstm: Lstm, native: ctypes.CDLL) -> bool:
    """Whether the native code has room for a network of this shape."""
    lanes = native.panel_outputs() // 4
    return all(units % lanes == 0 for units in lstm.config.units)


def _gates(layer: Layer, panel: int) -> tuple[Tensor, Tensor]:
    """Its matrix as panels, each of one group of units; its bias likewise."""
    run = panel // 4
    return (
        float_panels(interleave(*layer.weight.chunk(4), run=run), panel),
        interleave(*layer.bias.T.chunk(4), run=run).T.contiguous(),
    )
