"""Sampling of the next token as native code.

`shared.models.sampling` documents the method.
"""

import ctypes
from ctypes import c_void_p

import torch
from torch import Tensor

from shared.models.sampling_params import BatchSamplingParams


class _SamplingParams(ctypes.Structure):
    _fields_ = tuple(
        (name, c_void_p) for name in ("seed", "temperature", "top_k", "top_p", "log_min_p")
    )


def sample(
    library: ctypes.CDLL, logits: Tensor, params: BatchSamplingParams, positions: Tensor
) -> Tensor:
    """The next token of each row, int64 [B], from float32 logits [B, V] and int64 positions [B]."""
    scores = logits.float().contiguous()
    columns = (params.seed, params.temperature, params.top_k, params.top_p, params.log_min_p)
    structure = _SamplingParams(*(column.data_ptr() for column in columns))
    tokens = torch.empty(len(scores), dtype=torch.int64)
    library.sample(
        c_void_p(scores.data_ptr()),
        *scores.shape,
        ctypes.byref(structure),
        c_void_p(positions.data_ptr()),
        torch.get_num_threads(),
        c_void_p(tokens.data_ptr()),
    )
    return tokens
