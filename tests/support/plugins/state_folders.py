"""A pytest plug-in: fixtures for parts of the embedded stack: a state folder, a log, a spawner."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.log import Log
from deploy.local.process import ProcessSpawner
from deploy.local.state_dir import StateDir
from tests.support.tmp import world_traversable_dir


@pytest.fixture
def state_path() -> Iterator[Path]:
    with world_traversable_dir() as folder:
        yield folder / "var"


@pytest.fixture
def state_dir(state_path: Path) -> StateDir:
    return StateDir.create(state_path)


@pytest.fixture
def log(state_dir: StateDir) -> Iterator[Log]:
    with Log(state_dir.path / "log") as log:
        yield log


@pytest.fixture
def spawner(state_dir: StateDir) -> Iterator[ProcessSpawner]:
    lock = state_dir.lock()
    try:
        with ProcessSpawner(lock) as spawner:
            yield spawner
    finally:
        os.close(lock)
