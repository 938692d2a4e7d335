"""Blob storage under one URL: a local folder, or any fsspec file system.

A blob is written atomically.
"""

import shutil
from contextlib import suppress
from typing import IO
from urllib.parse import urlparse

import fsspec


class Blobs:
    """The blobs under one URL."""

    def __init__(self, url: str) -> None:
        is_local = not urlparse(url).scheme
        self._files, self._root = fsspec.core.url_to_fs(
            url, **({"auto_mkdir": True} if is_local else {})
        )

    def put(self, key: str, source: IO[bytes]) -> None:
        """Store the source, from its current position to its end, under `key`."""
        unfinished = f"{self._path(key)}.unfinished"
        try:
            with self._files.open(unfinished, "wb") as target:
                shutil.copyfileobj(source, target)
            self._files.mv(unfinished, self._path(key))
        except BaseException:
            with suppress(FileNotFoundError):
                self._files.rm(unfinished)
            raise

    def open(self, key: str) -> IO[bytes]:
        """Open a blob for reading; FileNotFoundError if there is none."""
        opened: IO[bytes] = self._files.open(self._path(key), "rb")
        return opened

    def remove(self, key: str) -> None:
        """Delete a blob; FileNotFoundError if there is none."""
        self._files.rm(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"
