"""The LSTM for inference on torch, for GPUs and for CPUs without native code.

One matrix product for each layer and time step, in float32. Batch-invariant on the CPU because
every product has a multiple of four rows: with other row counts below twelve, tests showed another
order of summation.

Shapes: T tokens, V vocabulary.
"""

from copy import deepcopy

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.activations import sigmoid
from shared.models.lstm import Lstm
from shared.models.lstm_inference import build_lstm_layers, group_by_timestep

KERNELS = "fp32 lstm-product.3"
"""Part of the numerics id; increment it when a change here can change bits."""
ROW_MULTIPLE = 4
"""Rows of a product are padded to a multiple of this."""
UNLIMITED_CONTEXT = 1 << 30
"""Context in positions; the state of an LSTM has a constant size, so there is no limit."""


class TorchLstm:
    """An LSTM loaded for inference; implements `InferenceModel`."""

    kernels = KERNELS

    def __init__(self, lstm: Lstm, device: torch.device) -> None:
        copied = deepcopy(lstm).to(device)  # the caller may continue to train the original
        self.device = device
        self.vocab_size, self.context = lstm.config.vocab_size, UNLIMITED_CONTEXT
        self.units = lstm.config.units
        self.layers, self.head = build_lstm_layers(copied), copied.head

    def init_state(self, num_slots: int) -> "TorchLstmState":
        """Empty slots."""
        return TorchLstmState(self, num_slots)


class TorchLstmState:
    """The slots of a `TorchLstm`; implements `InferenceState`."""

    def __init__(self, model: TorchLstm, num_slots: int) -> None:
        self._model = model
        self._hidden = [torch.zeros(num_slots, units, device=model.device) for units in model.units]
        self._cells = [torch.zeros_like(hidden) for hidden in self._hidden]

    @torch.inference_mode()
    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Process tokens; returns the logits float32 [T, V] after each."""
        logits = torch.empty(len(tokens), self._model.vocab_size, device=self._model.device)
        for group in group_by_timestep(slots):
            logits[group] = self._step(slots[group], tokens[group], positions[group] > 0)
        return logits

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot."""
        for tensor in (*self._hidden, *self._cells):
            tensor[target] = tensor[source]

    def _step(self, slots: Tensor, tokens: Tensor, continues: Tensor) -> Tensor:
        """One token in each of these slots; the state of slots that do not continue is zero."""
        device, padding = self._model.device, -len(slots) % ROW_MULTIPLE
        keep = functional.pad(continues, (0, padding))[:, None].to(device)
        padded_slots = functional.pad(slots, (0, padding))
        ids = functional.pad(tokens, (0, padding)).to(device)
        x = torch.empty(len(ids), 0, device=device)  # the first layer's bias includes its input
        for layer, hidden, cells in zip(self._model.layers, self._hidden, self._cells, strict=True):
            inputs = torch.cat((x, hidden[padded_slots] * keep), dim=1)
            gates = functional.linear(inputs, layer.weight) + layer.bias_for(ids)
            input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=1)
            remembered = sigmoid(forget_gate) * (cells[padded_slots] * keep)
            cell = remembered + sigmoid(input_gate) * candidate.tanh()
            x = sigmoid(output_gate) * cell.tanh()
            cells[slots], hidden[slots] = cell[: len(slots)], x[: len(slots)]
        logits: Tensor = self._model.head(x)
        return logits[: len(slots)]
