"""Drawing the next token of every row as native code; `shared.models.sampling` says how."""

import ctypes
from ctypes import c_void_p

import torch
from torch import Tensor

from shared.models.knobs import Knobs


class _Knobs(ctypes.Structure):
    _fields_ = tuple(
        (name, c_void_p) for name in ("seed", "temperature", "top_k", "top_p", "log_min_p")
    )


def draw(native: ctypes.CDLL, logits: Tensor, knobs: Knobs, positions: Tensor) -> Tensor:
    """The next token of each row, int64 [B], from float32 logits [B, V] and int64 positions [B]."""
    scores = logits.float().contiguous()
    columns = (knobs.seed, knobs.temperature, knobs.top_k, knobs.top_p, knobs.log_min_p)
    structure = _Knobs(*(column.data_ptr() for column in columns))
    tokens = torch.empty(len(scores), dtype=torch.int64)
    native.sample(
        c_void_p(scores.data_ptr()),
        *scores.shape,
        ctypes.byref(structure),
        c_void_p(positions.data_ptr()),
        torch.get_num_threads(),
        c_void_p(tokens.data_ptr()),
    )
    return tokens
