"""A folder that PostgreSQL's account, too, can pass through; pytest's own are private."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def public_folder() -> Iterator[Path]:
    """Gone afterwards, whatever was left in it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
