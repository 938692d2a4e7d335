"""Packs matrices into panels, the memory order of the native code; see gemm.h.

Shapes: N outputs, I inputs, P outputs of a panel.
"""

import torch
from torch import Tensor


def pack_int8_panels(matrix: Tensor, panel: int) -> Tensor:
    """Quantize [N, I] to int8 and pack it as int32 [N / P, 2 + I / 4, P], padded with zeros.

    The first two vectors of a panel are its header: the initial values of the sums, which subtract
    the offset of 128 that inputs have, and the scales of the outputs as float32. In the vectors
    after it, each word is four int8 weights of one output.
    """
    scales = (matrix.abs().amax(dim=1) / 127).clamp_min(torch.finfo(torch.float32).tiny)
    rounded = (matrix / scales[:, None]).round()
    initial_sums = -128 * rounded.sum(dim=1)
    header = (
        _pack(initial_sums.int()[:, None], panel, word_size=1),
        _pack(scales[:, None].float().view(torch.int32), panel, word_size=1),
    )
    words = _pack(rounded.to(torch.int8), panel, word_size=4).view(torch.int32)
    return torch.cat((*header, words), dim=1).squeeze(dim=-1)


def pack_float_panels(matrix: Tensor, panel: int) -> Tensor:
    """Pack [N, I] as float32 [N / P, I, P, 1], padded with zeros."""
    return _pack(matrix, panel, word_size=1).float()


def interleave(*matrices: Tensor, block_size: int) -> Tensor:
    """Alternate blocks of `block_size` outputs of n matrices [N, ...]; returns [n N, ...]."""
    rounds = zip(*(torch.split(matrix, block_size) for matrix in matrices), strict=True)
    return torch.cat([block for blocks in rounds for block in blocks])


def _pack(matrix: Tensor, panel: int, *, word_size: int) -> Tensor:
    padding = -len(matrix) % panel
    padded = torch.cat((matrix, matrix.new_zeros(padding, matrix.shape[1])))
    parts = padded.view(-1, panel, matrix.shape[1] // word_size, word_size)
    return parts.transpose(1, 2).contiguous()
