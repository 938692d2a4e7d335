"""Matrices in the order in which the native code reads them; see product.h.

Shapes: N outputs, I inputs, P outputs of a panel.
"""

import torch
from torch import Tensor


def pair_panels(matrix: Tensor, panel: int) -> Tensor:
    """[N, I] as bf16 [N / P, I / 2, P, 2]; outputs that are missing are zero."""
    return _panels(matrix, panel, words=2).bfloat16()


def float_panels(matrix: Tensor, panel: int) -> Tensor:
    """[N, I] as float32 [N / P, I, P, 1]; outputs that are missing are zero."""
    return _panels(matrix, panel, words=1).float()


def interleave(*matrices: Tensor, run: int) -> Tensor:
    """`run` outputs of each matrix in turn, all [N, ...], as one [n N, ...]."""
    runs = zip(*(torch.split(matrix, run) for matrix in matrices), strict=True)
    return torch.cat([part for turn in runs for part in turn])


def _panels(matrix: Tensor, panel: int, *, words: int) -> Tensor:
    missing = -len(matrix) % panel
    whole = torch.cat((matrix, matrix.new_zeros(missing, matrix.shape[1])))
    parts = whole.view(-1, panel, matrix.shape[1] // words, words)
    return parts.transpose(1, 2).contiguous()
