"""The keys and values of every sequence in flight, in one block for each layer.

The block is as large as what is read of it: a product over a slice would copy the slice first, and
that costs as much as the product. So the block grows and shrinks with the load, in steps of 64
positions and by powers of two of rows, and moves once in many steps.

Refuses to know what attends to it.
Shapes: N layers, R rows, T new tokens of each, L cached positions, H heads, K width of a head.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LENGTH_STEP = 64
"""Lengths are padded to a multiple of this: a product over an odd length may round otherwise."""
SLACK = 4
"""The block shrinks once it is so many times as large as it needs to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which places of the cache one pass of the network writes and reads, for all layers alike."""

    rows: slice
    positions: Tensor
    """int64 [R, T], of the new tokens."""
    places: Tensor
    """int64 [R * T * H]: where their keys and values go in a layer's block, seen as [-1, K]."""
    hidden: Tensor
    """bool [R, 1, T, L]: what a token must not see, for it comes later or belongs to nobody."""


class KVCache:
    """Keys and values, [N, R, H, L, K] each."""

    def __init__(self, empty: Tensor) -> None:
        """`empty` is [N, 0, H, 0, K], of the number format and on the device that it shall have."""
        self._keys, self._values = empty, empty.clone()

    def reserve(self, rows: int, length: int) -> None:
        """Have room for at least so many rows and positions; what is there stays."""
        _, have_rows, _, have_length, _ = self._keys.shape
        if rows > have_rows or length > have_length:
            self._resize(max(_power_of_two(rows), have_rows), max(_padded(length), have_length))

    def fit(self, rows: int, length: int) -> int:
        """Have room for so many rows and positions, what lies beyond them being forgotten.

        Returns how many positions there are now: to read them all is to read without a copy.
        """
        self.reserve(rows, length)
        _, have_rows, _, have_length, _ = self._keys.shape
        if SLACK * _power_of_two(rows) * _padded(length) <= have_rows * have_length:
            self._resize(_power_of_two(rows), _padded(length))
        return self._keys.shape[3]

    def move(self, source: int, target: int) -> None:
        """Copy what one row holds into another."""
        for blocks in (self._keys, self._values):
            blocks[:, target] = blocks[:, source]

    def span(self, first_row: int, positions: Tensor, length: int) -> Span:
        """The places of new tokens at `positions` [R, T] of the R rows from `first_row` on.

        They will see the first `length` positions of their row, a multiple of `LENGTH_STEP`.
        """
        _, _, num_heads, have_length, _ = self._keys.shape
        device = self._keys.device
        rows = slice(first_row, first_row + len(positions))
        heads = torch.arange(rows.start * num_heads, rows.stop * num_heads).view(-1, 1, num_heads)
        hidden = torch.arange(length) > positions[:, None, :, None]
        return Span(
            rows=rows,
            positions=positions.to(device),
            places=(heads * have_length + positions[:, :, None]).flatten().to(device),
            hidden=hidden.to(device),
        )

    def extend(self, layer: int, span: Span, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write new keys and values [R, T, H, K]; all that the span may see, [R, H, L, K] each."""
        return _write(self._keys[layer], span, keys), _write(self._values[layer], span, values)

    def _resize(self, rows: int, length: int) -> None:
        self._keys = _resized(self._keys, rows, length)
        self._values = _resized(self._values, rows, length)


def _write(block: Tensor, span: Span, new: Tensor) -> Tensor:
    head_dim = block.shape[-1]
    block.view(-1, head_dim).index_copy_(0, span.places, new.reshape(-1, head_dim))
    return block[span.rows, :, : span.hidden.shape[-1]]


def _resized(blocks: Tensor, rows: int, length: int) -> Tensor:
    layers, have_rows, heads, have_length, head_dim = blocks.shape
    kept = (slice(None), slice(min(rows, have_rows)), slice(None), slice(min(length, have_length)))
    resized = blocks.new_zeros(layers, rows, heads, length, head_dim)
    resized[kept] = blocks[kept]
    return resized


def _padded(length: int) -> int:
    return -(-length // LENGTH_STEP) * LENGTH_STEP


def _power_of_two(rows: int) -> int:
    return 1 << (rows - 1).bit_length()
