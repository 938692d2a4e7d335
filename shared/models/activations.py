"""The logistic function and SiLU, with the same bits wherever an element lies.

torch's own share a tensor out among threads and take another exponential for the last few elements
of each share, so that a row's bits would depend on its neighbours and on the number of threads.
`torch.exp` and arithmetic do not. A GPU has no such ends; there torch's own are kept, one kernel
instead of four. Refuses to know which network they bend.
"""

import torch
from torch import Tensor
from torch.nn import functional


def sigmoid(x: Tensor) -> Tensor:
    """Of each element, 1 / (1 + e^-x), computed in float32, returned as x came."""
    return x.sigmoid() if x.is_cuda else (1 / _divisor(x)).to(x.dtype)


def silu(x: Tensor) -> Tensor:
    """Of each element, x / (1 + e^-x), computed in float32, returned as x came."""
    return functional.silu(x) if x.is_cuda else (x.float() / _divisor(x)).to(x.dtype)


def _divisor(x: Tensor) -> Tensor:
    return 1 + torch.exp(-x.float())
