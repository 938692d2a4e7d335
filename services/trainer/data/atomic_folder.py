"""Atomic creation of a folder that several processes may write at the same time.

A process locks what it writes, so that others can see whether it still runs.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".unfinished-"
"""Prefix of the names of folders that are being written."""
MIN_AGE_SECONDS = 60.0
"""A younger folder may not be locked yet."""


@contextmanager
def atomic_folder(folder: Path, marker: str) -> Iterator[Path]:
    """Yield an empty folder that replaces `folder` when the block succeeds.

    `marker` is a file that every complete folder has. If another process has completed `folder`,
    that folder is kept, since its name determines its content. A folder without the marker is left
    over from a crash and is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=UNFINISHED) as outer, _locked(outer):
        unfinished = Path(outer) / "folder"
        unfinished.mkdir()
        yield unfinished
        if not (folder / marker).exists():
            shutil.rmtree(folder, ignore_errors=True)
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / marker).exists():
                raise


def abandoned_folders(parent: Path) -> list[Path]:
    """The unfinished folders whose writer was killed."""
    return [path for path in parent.glob(f"{UNFINISHED}*") if _is_abandoned(path)]


def _is_abandoned(path: Path) -> bool:
    try:
        if time.time() - path.stat().st_mtime < MIN_AGE_SECONDS:
            return False
        with _locked(str(path)):
            return True
    except OSError:  # its writer holds the lock, or has finished it
        return False


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Hold the lock of a folder; BlockingIOError if another process holds it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
