"""A folder that is there whole or not at all, whoever else writes the same one at the same time.

Refuses to know what is in it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(folder: Path, last: str) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` when the block ends well.

    A name says what is in its folder: if somebody else was faster, that one stays. One without the
    file `last` is a rest of something that was cut short, and is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as outer:
        unfinished = Path(outer) / "folder"
        unfinished.mkdir()
        yield unfinished
        if not (folder / last).exists():
            shutil.rmtree(folder, ignore_errors=True)
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / last).exists():
                raise
