"""What both LSTM backends share: layer weights, tokens grouped by time step.

The input of the first layer depends only on the token id, so its contribution to the gates is
computed once for each id, in float64. Where the input is the id as a number, its weights are large:
in float32 the sum would lose the contribution of the hidden state.

Shapes: V vocabulary, U units of a layer, I width of its input.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from shared.models.lstm import Lstm


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmLayer:
    """The weights of one layer, with the gates in torch's order: input, forget, cell, output."""

    weight: Tensor
    """[4 U, I + U], of input and hidden state; in the first layer [4 U, U], of the hidden state."""
    bias: Tensor
    """[1, 4 U]; in the first layer [V, 4 U], one for each id, the input's contribution included."""

    def bias_for(self, ids: Tensor) -> Tensor:
        """The bias for tokens [T]: [1 or T, 4 U]."""
        return self.bias[ids] if len(self.bias) > 1 else self.bias


@torch.no_grad()
def build_lstm_layers(lstm: Lstm) -> list[LstmLayer]:
    """All layers, the first one first, on the network's device; they may share its memory."""
    first, *others = (_parameters(part) for part in lstm.layers if isinstance(part, nn.LSTM))
    return [_first_layer(lstm, *first), *(_other_layer(*parameters) for parameters in others)]


def _parameters(part: nn.LSTM) -> tuple[Tensor, Tensor, Tensor]:
    """Input weights, recurrent weights, and the sum of both biases in float64."""
    input_weight, recurrent_weight, *biases = part.parameters()
    return input_weight, recurrent_weight, biases[0].double() + biases[1].double()


def _first_layer(
    lstm: Lstm, input_weight: Tensor, recurrent_weight: Tensor, bias: Tensor
) -> LstmLayer:
    sums = bias.repeat(lstm.config.vocab_size, 1)
    inputs = lstm.encode_input(torch.arange(len(sums), device=bias.device))
    for x, weight in zip(inputs.double().T, input_weight.double().T, strict=True):
        sums += x[:, None] * weight  # exact products in one order: the same bits on every machine
    return LstmLayer(weight=recurrent_weight, bias=sums.float())


def _other_layer(input_weight: Tensor, recurrent_weight: Tensor, bias: Tensor) -> LstmLayer:
    return LstmLayer(
        weight=torch.cat((input_weight, recurrent_weight), dim=1), bias=bias.float()[None]
    )


def group_by_timestep(slots: Tensor) -> Iterator[Tensor]:
    """Groups of tokens to process together: the first of each slot, then the second, and so on.

    `slots` is int64 [T], the slot of each token; yields indices into it, int64 [N].
    """
    counts: dict[int, int] = {}
    groups: list[list[int]] = []
    for index, slot in enumerate(slots.tolist()):
        step = counts[slot] = counts.get(slot, -1) + 1
        if step == len(groups):
            groups.append([])
        groups[step].append(index)
    return map(torch.tensor, groups)
