"""The KV cache: keys and values of all sequences, one block for each layer.

A block is exactly as large as the part that attention reads: a matrix product over a slice would
copy the slice first, which costs as much as the product. So blocks grow with the load, to
multiples of 64 positions and powers of two of slots, which keeps reallocations rare.

Shapes: N layers, S slots, T new tokens, L cached positions, H heads, K width of a head.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LENGTH_MULTIPLE = 64
"""Lengths are padded to a multiple of this: a product over an odd length may round differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionMetadata:
    """The part of the cache that one forward pass writes and reads, in every layer."""

    slots: slice | Tensor
    """Slots of the new tokens; a slice if they are the first T, which are read without a copy."""
    positions: Tensor
    """int64 [T]: the positions of the new tokens."""
    write_indices: Tensor
    """int64 [T * H]: where their keys and values go in a layer's block viewed as [-1, K]."""
    masked: Tensor
    """bool [T, 1, 1, L]: True where a token must not attend: later positions and padding."""


class KVCache:
    """Keys and values, [N, S, H, L, K] each."""

    def __init__(self, empty: Tensor) -> None:
        """`empty` is [N, 0, H, 0, K]; the cache has its dtype and device."""
        self._keys, self._values = empty, empty.clone()

    @property
    def length(self) -> int:
        """Number of positions in a slot."""
        return self._keys.shape[3]

    def reserve(self, num_slots: int, length: int) -> None:
        """Grow to at least this many slots and positions; the content stays."""
        _, old_slots, _, old_length, _ = self._keys.shape
        if num_slots > old_slots or length > old_length:
            size = max(_power_of_two(num_slots), old_slots), max(_padded(length), old_length)
            self._keys, self._values = _grown(self._keys, *size), _grown(self._values, *size)

    def move(self, source: int, target: int) -> None:
        """Copy the content of one slot to another."""
        for blocks in (self._keys, self._values):
            blocks[:, target] = blocks[:, source]

    def metadata(self, slots: Tensor | None, positions: Tensor) -> AttentionMetadata:
        """Metadata of new tokens at `positions` [T] of `slots` [T], by default the first T slots.

        Both are on the cache's device.
        """
        _, _, num_heads, length, _ = self._keys.shape
        device = self._keys.device
        indices = torch.arange(len(positions), device=device) if slots is None else slots
        heads = indices[:, None] * num_heads + torch.arange(num_heads, device=device)
        return AttentionMetadata(
            slots=slice(len(positions)) if slots is None else slots,
            positions=positions,
            write_indices=(heads * length + positions[:, None]).flatten(),
            masked=torch.arange(length, device=device) > positions[:, None, None, None],
        )

    def update(
        self, layer: int, metadata: AttentionMetadata, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Write new keys and values [T, H, K]; returns each token's sequence [T, H, L, K]."""
        return (
            _write(self._keys[layer], metadata, keys),
            _write(self._values[layer], metadata, values),
        )


def _write(block: Tensor, metadata: AttentionMetadata, new: Tensor) -> Tensor:
    head_dim = block.shape[-1]
    block.view(-1, head_dim).index_copy_(0, metadata.write_indices, new.reshape(-1, head_dim))
    return block[metadata.slots]


def _grown(blocks: Tensor, num_slots: int, length: int) -> Tensor:
    layers, old_slots, heads, old_length, head_dim = blocks.shape
    grown = blocks.new_zeros(layers, num_slots, heads, length, head_dim)
    grown[:, :old_slots, :, :old_length] = blocks
    return grown


def _padded(length: int) -> int:
    return length + -length % LENGTH_MULTIPLE


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
