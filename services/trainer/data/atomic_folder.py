"""Atomic creation of a folder that several processes may write at the same time."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_folder(folder: Path, marker: str) -> Iterator[Path]:
    """Yield an empty folder that replaces `folder` when the block succeeds.

    `marker` is a file that every complete folder has. If another process has completed `folder`,
    that folder is kept, since its name determines its content. A folder without the marker is left
    over from a crash and is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as outer:
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
