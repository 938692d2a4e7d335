"""The state of a run in one file, written atomically and verified when it is read.

The first 32 bytes are the SHA-256 of the rest, so a truncated or altered file is rejected.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch

from services.trainer.training.run_migration import is_state_of_0_1_0, state_from_0_1_0
from shared.errors import OstinatoError

DIGEST_BYTES = hashlib.sha256().digest_size


class CorruptCheckpoint(OstinatoError):
    """The content of a run's checkpoint does not match its SHA-256."""

    code = "corrupt_checkpoint"


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Replace the file at `path` atomically.

    The state consists of tensors, numbers, strings and containers only.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(hashlib.sha256(content).digest() + content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load_state(path: Path) -> dict[str, Any]:
    """Read a state that `save_state` wrote, on any device, into the memory of the CPU.

    A state of release 0.1.0 is converted.

    Raises:
        CorruptCheckpoint: the file has changed since it was written.
    """
    stored = path.read_bytes()
    digest, content = stored[:DIGEST_BYTES], stored[DIGEST_BYTES:]
    found = hashlib.sha256(content).digest()
    if digest != found:
        detail = (
            f"{path}: its SHA-256 is {found.hex()}, expected {digest.hex()}; move the run's folder "
            "away and train again"
        )
        raise CorruptCheckpoint(detail, file=str(path))
    state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state_from_0_1_0(state) if is_state_of_0_1_0(state) else state
