"""Blobs for tests."""

import shutil
from typing import IO, cast

from shared.storage.blobs import Blobs


def put(blobs: Blobs, key: str, source: IO[bytes]) -> None:
    """Store the source, from its current position to its end, under `key`."""
    upload = blobs.upload(key)
    shutil.copyfileobj(source, cast("IO[bytes]", upload))
    upload.commit()
