"""Data type of training and scoring: bf16 where it is fast, else float32."""

from contextlib import AbstractContextManager, nullcontext

import torch

from shared.models.numerics import compute_dtype

CPU = torch.device("cpu")


def autocast(device: torch.device = CPU) -> AbstractContextManager[object]:
    """Run matrix products in the device's fast data type; weights and sums stay in float32."""
    dtype = compute_dtype(device)
    return nullcontext() if dtype is torch.float32 else torch.autocast(device.type, dtype)
