"""A layer of an LSTM as a resident steps it: one matrix, and what is added to its product.

What the first layer reads depends on the id alone, so what its gates hear of every id is worked out
once, in float64. Read as numbers, ids are far apart and their weights large: added up in float32
they would drown what is remembered. Refuses to know states and rows.

Shapes: V vocabulary, U units of a layer, I width of what it reads.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from shared.models.lstm import Lstm


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Gates in torch's order: input, forget, cell, output."""

    weight: Tensor
    """[4 U, I + U], of what it reads and what it remembers; of the first layer [4 U, U]."""
    bias: Tensor
    """[1, 4 U]; of the first layer [V, 4 U], for each id and with what is heard of it."""

    def bias_of(self, ids: Tensor) -> Tensor:
        """For tokens [T], [1 or T, 4 U]."""
        return self.bias[ids] if len(self.bias) > 1 else self.bias


@torch.no_grad()
def layers_of(lstm: Lstm) -> list[Layer]:
    """From the input on, where the network is; they may share its weights."""
    first, *others = (_parts(part) for part in lstm.layers if isinstance(part, nn.LSTM))
    return [_first(lstm, *first), *(_other(*parts) for parts in others)]


def _parts(part: nn.LSTM) -> tuple[Tensor, Tensor, Tensor]:
    enter, remember, *biases = part.parameters()
    return enter, remember, biases[0].double() + biases[1].double()


def _first(lstm: Lstm, enter: Tensor, remember: Tensor, bias: Tensor) -> Layer:
    heard = bias.repeat(lstm.config.vocab_size, 1)
    read = lstm.read(torch.arange(len(heard), device=bias.device))
    for x, weight in zip(read.double().T, enter.double().T, strict=True):
        heard += x[:, None] * weight  # exact products in one order: the same bits on every machine
    return Layer(weight=remember, bias=heard.float())


def _other(enter: Tensor, remember: Tensor, bias: Tensor) -> Layer:
    return Layer(weight=torch.cat((enter, remember), dim=1), bias=bias.float()[None])
