"""Workers in the test's process, on a database of the module."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from services.worker.engine.model_runner import ModelRunner
from services.worker.model_registry import ModelRegistry
from shared.db.database import Database
from tests.conftest import CHECKPOINTS
from tests.support.models import MINI_SHA256, empty_registry
from tests.support.servers.stacks import Servers, StackOnServers
from tests.support.worker_jobs import WorkerFixture, register_versions


@pytest.fixture(scope="module")
def backends(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A database for this module only, because a worker claims every shard that is queued in it."""
    folder = tmp_path_factory.mktemp("backends")
    with StackOnServers(folder, servers, checkpoints_dir=CHECKPOINTS) as stack:
        asyncio.run(register_versions(stack))
        yield stack


@pytest.fixture(scope="session")
def registry() -> ModelRegistry:
    """Shared by all workers; its model is loaded, so that a worker claims from its start on."""
    registry = empty_registry(max_num_seqs=8)
    registry.activate(registry.load("mini", MINI_SHA256))
    return registry


@pytest.fixture
async def workers(
    database: Database, backends: Stack, registry: ModelRegistry
) -> AsyncIterator[WorkerFixture]:
    fixture = WorkerFixture(database, backends, registry)
    yield fixture
    await fixture.drain_all()
    async with database.transaction() as connection:
        await connection.execute(text("TRUNCATE jobs, shards, melodies, owner_queues CASCADE"))


@pytest.fixture
def broken_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of every model fails."""

    def fail(*_: object) -> None:
        raise RuntimeError("the device failed")

    monkeypatch.setattr(ModelRunner, "step", fail)
