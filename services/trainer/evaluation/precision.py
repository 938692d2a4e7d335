"""The number format of a training: bf16 where the machine is quick in it, else float32."""

from contextlib import AbstractContextManager, nullcontext

import torch

from shared.models.numerics import number_format


def autocast() -> AbstractContextManager[object]:
    """Products inside are in the machine's number format; weights and sums stay in float32."""
    dtype = number_format(torch.device("cpu"))
    return nullcontext() if dtype is torch.float32 else torch.autocast("cpu", dtype)
