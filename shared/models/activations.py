"""Sigmoid and SiLU whose results do not depend on where in a tensor a value is.

On the CPU torch's own functions split a tensor among threads and compute the last few elements of
each part with another algorithm, so the bits of a row would depend on its neighbors and on the
number of threads. `torch.exp` and arithmetic do not have that problem. On a GPU there are no such
remainders, and torch's functions take one kernel instead of four.
"""

import torch
from torch import Tensor
from torch.nn import functional


def sigmoid(x: Tensor) -> Tensor:
    """The sigmoid of x, 1 / (1 + e^-x), computed in float32 and returned in x's dtype."""
    return x.sigmoid() if x.is_cuda else (1 / _divisor(x)).to(x.dtype)


def silu(x: Tensor) -> Tensor:
    """The SiLU of x, x / (1 + e^-x), computed in float32 and returned in x's dtype."""
    return functional.silu(x) if x.is_cuda else (x.float() / _divisor(x)).to(x.dtype)


def _divisor(x: Tensor) -> Tensor:
    return 1 + torch.exp(-x.float())
