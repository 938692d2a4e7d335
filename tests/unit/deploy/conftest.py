"""What the tests of the embedded stack share: a folder, a log and a keeper; everything real."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.log import Log
from deploy.local.process import Keeper
from deploy.local.state_dir import Folder
from tests.public_folder import public_folder


@pytest.fixture
def var() -> Iterator[Path]:
    with public_folder() as folder:
        yield folder / "var"


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
