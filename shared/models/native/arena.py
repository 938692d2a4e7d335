"""Memory on huge pages for weights and caches.

Every decode step reads all of it; small pages halve the speed. Physical memory is allocated when it
is written to.
"""

import mmap

import torch
from torch import Tensor

FLOAT, CACHE_LINE, HUGE_PAGE = 4, 64, 2**21
"""Sizes in bytes."""


def allocate(size: int) -> mmap.mmap:
    """`size` bytes of zeros; private, because shared memory rarely gets huge pages."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)
    memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


class Arena:
    """Tensors in one contiguous allocation."""

    def __init__(self, num_floats: int) -> None:
        """Capacity for `num_floats` float32, and the same again for the padding of panels."""
        self._memory = allocate(2 * FLOAT * num_floats + HUGE_PAGE)
        self._end = 0

    def store(self, tensor: Tensor) -> Tensor:
        """A contiguous copy of the tensor in the arena, aligned to a cache line."""
        copied = torch.frombuffer(
            self._memory, dtype=tensor.dtype, count=tensor.numel(), offset=self._end
        )
        self._end += tensor.nbytes + -tensor.nbytes % CACHE_LINE
        return copied.copy_(tensor.detach().flatten()).view(tensor.shape)
