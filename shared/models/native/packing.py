"""Matrices in the order in which the native code reads them; see gemm.h.

Shapes: N outputs, I inputs, P outputs of a panel.
"""

import torch
from torch import Tensor


def byte_panels(matrix: Tensor, panel: int) -> Tensor:
    """[N, I] as int32 [N / P, 2 + I / 4, P]; outputs that are missing are zero.

    The first two of a panel are what its sums begin with, which takes off that inputs are numbers
    around 128, and the outputs' scales as float32; then there are four int8 of an output to a word.
    """
    scales = (matrix.abs().amax(dim=1) / 127).clamp_min(torch.finfo(torch.float32).tiny)
    rounded = (matrix / scales[:, None]).round()
    begin = -128 * rounded.sum(dim=1)
    header = (
        _panels(begin.int()[:, None], panel, words=1),
        _panels(scales[:, None].float().view(torch.int32), panel, words=1),
    )
    words = _panels(rounded.to(torch.int8), panel, words=4).view(torch.int32)
    return torch.cat((*header, words), dim=1).squeeze(dim=-1)


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
