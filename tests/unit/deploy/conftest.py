"""What the tests of the embedded stack share: a folder, a log and a keeper; everything real."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.local.folder import Folder
from deploy.local.log import Log
from deploy.local.process import Keeper


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder that PostgreSQL's account, too, can pass through; pytest's own are private."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name) / "var"


@pytest.fixture
def folder(var: Path) -> Folder:
    return Folder(var)


@pytest.fixture
def log(folder: Folder) -> Iterator[Log]:
    with Log(folder.path / "log") as log:
        yield log


@pytest.fixture
def keeper(folder: Folder) -> Iterator[Keeper]:
    lock = folder.lock()
    try:
        with Keeper(lock) as keeper:
            yield keeper
    finally:
        os.close(lock)
