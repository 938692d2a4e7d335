"""Which errors are failures of the device, the memory or the disk."""

import errno
import os
from collections.abc import Callable

import pytest
import torch

from services.worker.engine.device_errors import is_device_error


def allocate_too_much() -> None:
    torch.empty(2**62, dtype=torch.uint8)


def raise_error(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "operation",
    [
        allocate_too_much,
        raise_error(MemoryError()),
        raise_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
        raise_error(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")),
        raise_error(torch.AcceleratorError("device-side assert triggered")),
        raise_error(RuntimeError("CUDA error: an illegal memory access was encountered")),
        raise_error(RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")),
    ],
)
def test_a_failure_of_the_device_is_recognized(operation: Callable[[], None]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any
        operation()
    assert is_device_error(caught.value), caught.value


def test_an_error_in_a_computation_is_none() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.zeros(2) @ torch.zeros(3)
    assert not is_device_error(caught.value)
    assert not is_device_error(ValueError("prefix"))
