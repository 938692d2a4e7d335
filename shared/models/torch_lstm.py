"""The LSTM on torch, as a worker keeps it on a GPU, and on a CPU without native code.

One product a layer and step, in float32.

Row-invariant on the CPU because every product has a multiple of four rows: the others, below
twelve, were seen to be summed in another order. Refuses to train, to sample, and to know whose a
row is.

Shapes: T tokens, V vocabulary.
"""

from copy import deepcopy

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.activations import sigmoid
from shared.models.lstm import Lstm
from shared.models.lstm_inference import layers_of
from shared.models.waves import waves

KERNELS = "fp32 lstm-product.3"
"""Names this arithmetic; count up when a change here can change bits."""
ROWS_STEP = 4
"""Rows of a product are padded to a multiple of this."""
ENDLESS = 1 << 30
"""Positions: a state has no end."""


class ResidentLstm:
    """An LSTM ready to be stepped; a `Model`."""

    kernels = KERNELS

    def __init__(self, lstm: Lstm, device: torch.device) -> None:
        own = deepcopy(lstm).to(device)  # the caller's may still learn, where it is
        self.device = device
        self.vocab_size, self.context = lstm.config.vocab_size, ENDLESS
        self.units = lstm.config.units
        self.layers, self.head = layers_of(own), own.head

    def init_state(self, rows: int) -> "LstmState":
        """Room for `rows` sequences."""
        return LstmState(self, rows)


class LstmState:
    """What a resident LSTM remembers of its rows; a `State`."""

    def __init__(self, model: ResidentLstm, rows: int) -> None:
        self._model = model
        self._hidden = [torch.zeros(rows, units, device=model.device) for units in model.units]
        self._cells = [torch.zeros_like(hidden) for hidden in self._hidden]

    @torch.inference_mode()
    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in tokens; logits float32 [T, V] of what follows each."""
        logits = torch.empty(len(tokens), self._model.vocab_size, device=self._model.device)
        for wave in waves(rows):
            logits[wave] = self._step(rows[wave], tokens[wave], positions[wave] > 0)
        return logits

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another."""
        for tensor in self._tensors():
            tensor[target] = tensor[source]

    def _step(self, rows: Tensor, tokens: Tensor, known: Tensor) -> Tensor:
        """One token of each of these rows; those that are not `known` begin anew."""
        device, unused = self._model.device, -len(rows) % ROWS_STEP
        kept = functional.pad(known, (0, unused))[:, None].to(device)
        places = functional.pad(rows, (0, unused))
        ids = functional.pad(tokens, (0, unused)).to(device)
        x = torch.empty(len(ids), 0, device=device)  # the first layer knows the token by its bias
        for layer, hidden, cells in zip(self._model.layers, self._hidden, self._cells, strict=True):
            both = torch.cat((x, hidden[places] * kept), dim=1)
            gates = functional.linear(both, layer.weight) + layer.bias_of(ids)
            enter, forget, new, leave = gates.chunk(4, dim=1)
            cell = sigmoid(forget) * (cells[places] * kept) + sigmoid(enter) * new.tanh()
            x = sigmoid(leave) * cell.tanh()
            cells[rows], hidden[rows] = cell[: len(rows)], x[: len(rows)]
        logits: Tensor = self._model.head(x)
        return logits[: len(rows)]

    def _tensors(self) -> list[Tensor]:
        return [*self._hidden, *self._cells]
