"""The keys and values of every sequence in flight, in one block that never moves or grows.

Refuses to know what attends to them.
Shapes: R rows, T new tokens of each, L cached positions, H heads, K width of a head.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LENGTH_STEP = 64
"""Lengths are padded to a multiple of this: a product over an odd length may round otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which places of the cache one pass of the network writes and reads, for all layers alike."""

    first_row: int
    positions: Tensor
    """int64 [R, T], of the new tokens."""
    places: Tensor
    """int64 [R * T * H]: where their keys and values go in a layer's block, seen as [-1, K]."""
    hidden: Tensor
    """bool [R, 1, T, L]: what a token must not see, for it comes later or belongs to nobody."""


class KVCache:
    """Room for `rows` sequences of `context` tokens in each of `layers` layers."""

    def __init__(self, shape: tuple[int, int, int, int, int], device: torch.device) -> None:
        """`shape` is [layers, rows, heads, context, head_dim]; the numbers are bf16."""
        layers, rows, self._heads, context, self._head_dim = shape
        self._context = _padded(context)
        block = (layers, rows, self._heads, self._context, self._head_dim)
        self._keys = torch.zeros(block, dtype=torch.bfloat16, device=device)
        self._values = torch.zeros_like(self._keys)

    def span(self, first_row: int, positions: Tensor) -> Span:
        """The places of new tokens at `positions` [R, T] of the R rows from `first_row` on."""
        device = self._keys.device
        length = _padded(int(positions.max()) + 1)
        rows = torch.arange(first_row, first_row + len(positions))
        heads = rows[:, None, None] * self._heads + torch.arange(self._heads)
        hidden = torch.arange(length) > positions[:, None, :, None]
        return Span(
            first_row=first_row,
            positions=positions.to(device),
            places=(heads * self._context + positions[:, :, None]).flatten().to(device),
            hidden=hidden.to(device),
        )

    def extend(self, layer: int, span: Span, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write new keys and values [R, T, H, K]; all that the span may see, [R, H, L, K] each."""
        return (
            self._write(self._keys[layer], span, keys),
            self._write(self._values[layer], span, values),
        )

    def _write(self, block: Tensor, span: Span, new: Tensor) -> Tensor:
        block.view(-1, self._head_dim).index_copy_(0, span.places, new.reshape(-1, self._head_dim))
        rows, _, _, length = span.hidden.shape
        return block[span.first_row : span.first_row + rows, :, :length].contiguous()


def _padded(length: int) -> int:
    return -(-length // LENGTH_STEP) * LENGTH_STEP
