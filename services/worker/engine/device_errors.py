"""Tells failures of the device from errors in what is generated."""

import torch

_TYPES = (torch.AcceleratorError, torch.OutOfMemoryError, MemoryError, OSError)
_MESSAGES = (
    *("CUDA error", "CUDA out of memory", "CUDA driver", "device-side assert"),
    *("cuDNN error", "CUDNN_STATUS", "CUBLAS_STATUS", "NCCL error"),
    *("can't allocate memory", "not enough memory"),
)
"""Parts of the messages of torch's errors that have no type of their own."""


def is_device_error(error: BaseException) -> bool:
    """Whether this process, and not the sequence, is the cause of an error."""
    if isinstance(error, _TYPES):
        return True
    return isinstance(error, RuntimeError) and any(part in str(error) for part in _MESSAGES)
