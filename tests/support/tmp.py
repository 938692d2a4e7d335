"""Temporary folders that PostgreSQL's account can traverse; those of pytest are private."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def world_traversable_dir() -> Iterator[Path]:
    """A folder that is deleted with its contents at the end of the block."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
