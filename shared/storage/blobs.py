"""Blob storage under one URL: a local folder, or any fsspec file system.

A blob is written atomically.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import urlparse

import fsspec

UNFINISHED = ".unfinished"
"""Suffix of the keys of blobs that are being written."""


class Upload:
    """A blob that is written in parts; its key does not exist before `commit`."""

    def __init__(self, files: Any, path: str) -> None:  # noqa: ANN401 - fsspec has no types
        self._files = files
        self._path = path
        self._target: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Append bytes."""
        if self._target is None:
            self._target = self._files.open(self._path + UNFINISHED, "wb")
        self._target.write(data)

    def open(self) -> IO[bytes]:
        """Open what was written for reading; nothing can be written any more."""
        self.write(b"")
        self._close()
        opened: IO[bytes] = self._files.open(self._path + UNFINISHED, "rb")
        return opened

    def commit(self) -> None:
        """Give the blob its key."""
        self._close()
        self._files.mv(self._path + UNFINISHED, self._path)

    def discard(self) -> None:
        """Delete what was written, and nothing after `commit`."""
        with suppress(FileNotFoundError):
            self._close()
            self._files.rm(self._path + UNFINISHED)

    def _close(self) -> None:
        if self._target is not None:
            self._target.close()


class Blobs:
    """The blobs under one URL."""

    def __init__(self, url: str) -> None:
        is_local = not urlparse(url).scheme
        self._files, self._root = fsspec.core.url_to_fs(
            url, **({"auto_mkdir": True} if is_local else {})
        )

    def upload(self, key: str) -> Upload:
        """Begin to write a blob; the caller ends it with `commit` or `discard`."""
        return Upload(self._files, self._path(key))

    def open(self, key: str) -> IO[bytes]:
        """Open a blob for reading; FileNotFoundError if there is none."""
        opened: IO[bytes] = self._files.open(self._path(key), "rb")
        return opened

    def remove(self, key: str) -> None:
        """Delete a blob; FileNotFoundError if there is none."""
        self._files.rm(self._path(key))

    def keys(self, folder: str) -> list[str]:
        """The keys of all blobs directly below a folder, those that are being written included."""
        try:
            paths = self._files.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return []
        return [f"{folder}/{path.rpartition('/')[2]}" for path in paths]

    def modified(self, key: str) -> datetime:
        """When a blob was written last; FileNotFoundError if there is none."""
        moment: datetime = self._files.modified(self._path(key))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"
