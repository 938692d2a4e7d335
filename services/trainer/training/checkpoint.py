"""The state of a run in one file that is either whole or not there.

The first 32 bytes are the SHA-256 of the rest, so a file that was cut or altered is refused; a new
one takes the old one's place only when it is complete. Refuses to know what the state holds.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch

from shared.errors import OstinatoError

DIGEST_BYTES = hashlib.sha256().digest_size


class BrokenCheckpoint(OstinatoError):
    """A checkpoint of a run is not what was written."""

    code = "broken_checkpoint"


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Replace the file at `path` in one step; tensors, numbers, strings and containers only."""
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
    """What `save_state` wrote; BrokenCheckpoint if the file has changed since."""
    stored = path.read_bytes()
    digest, content = stored[:DIGEST_BYTES], stored[DIGEST_BYTES:]
    found = hashlib.sha256(content).digest()
    if digest != found:
        detail = (
            f"{path}: it expects SHA-256 {digest.hex()}, found {found.hex()}; "
            "move the run's folder away and train anew"
        )
        raise BrokenCheckpoint(detail, file=str(path))
    state: dict[str, Any] = torch.load(io.BytesIO(content), weights_only=True)
    return state
