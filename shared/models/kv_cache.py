"""The keys and values of every sequence in flight, in one block for each layer.

The block is as large as what is read of it: a product over a slice would copy the slice first, and
that costs as much as the product. So the block grows with the load, in steps of 64 positions and by
powers of two of rows, and moves once in many steps.

Refuses to know what attends to it.
Shapes: N layers, R rows, T new tokens, L cached positions, H heads, K width of a head.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LENGTH_STEP = 64
"""Lengths are padded to a multiple of this: a product over an odd length may round otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which places of the cache one pass of the network writes and reads, for all layers alike."""

    rows: slice | Tensor
    """Of each new token; a slice where they are the first T, which are read without a copy."""
    positions: Tensor
    """int64 [T], of the new tokens."""
    places: Tensor
    """int64 [T * H]: where their keys and values go in a layer's block, seen as [-1, K]."""
    hidden: Tensor
    """bool [T, 1, 1, L]: what a token must not see, for it comes later or belongs to nobody."""


class KVCache:
    """Keys and values, [N, R, H, L, K] each."""

    def __init__(self, empty: Tensor) -> None:
        """`empty` is [N, 0, H, 0, K], of the number format and on the device that it shall have."""
        self._keys, self._values = empty, empty.clone()

    @property
    def length(self) -> int:
        """Positions of a row."""
        return self._keys.shape[3]

    def reserve(self, rows: int, length: int) -> None:
        """Have room for at least so many rows and positions; what is there stays."""
        _, have_rows, _, have_length, _ = self._keys.shape
        if rows > have_rows or length > have_length:
            size = max(_power_of_two(rows), have_rows), max(_padded(length), have_length)
            self._keys, self._values = _grown(self._keys, *size), _grown(self._values, *size)

    def move(self, source: int, target: int) -> None:
        """Copy what one row holds into another."""
        for blocks in (self._keys, self._values):
            blocks[:, target] = blocks[:, source]

    def span(self, rows: Tensor | None, positions: Tensor) -> Span:
        """The places of new tokens at `positions` [T] of `rows` [T], by default the first T.

        Both are on the cache's device.
        """
        _, _, num_heads, length, _ = self._keys.shape
        device = self._keys.device
        each = torch.arange(len(positions), device=device) if rows is None else rows
        heads = each[:, None] * num_heads + torch.arange(num_heads, device=device)
        return Span(
            rows=slice(len(positions)) if rows is None else rows,
            positions=positions,
            places=(heads * length + positions[:, None]).flatten(),
            hidden=torch.arange(length, device=device) > positions[:, None, None, None],
        )

    def extend(self, layer: int, span: Span, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write new keys and values [T, H, K]; all of each token's row, [T, H, L, K] each."""
        return _write(self._keys[layer], span, keys), _write(self._values[layer], span, values)


def _write(block: Tensor, span: Span, new: Tensor) -> Tensor:
    head_dim = block.shape[-1]
    block.view(-1, head_dim).index_copy_(0, span.places, new.reshape(-1, head_dim))
    return block[span.rows]


def _grown(blocks: Tensor, rows: int, length: int) -> Tensor:
    layers, have_rows, heads, have_length, head_dim = blocks.shape
    grown = blocks.new_zeros(layers, rows, heads, length, head_dim)
    grown[:, :have_rows, :, :have_length] = blocks
    return grown


def _padded(length: int) -> int:
    return -(-length // LENGTH_STEP) * LENGTH_STEP


def _power_of_two(rows: int) -> int:
    return 1 << (rows - 1).bit_length()
