"""Health is judged by the traces of work that are in the database, not by a process being there."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy import health
from deploy.local.stack import Stack
from ostinato.schemas.models import ModelCard
from shared.db.models import Models
from shared.db.outbox import Outbox, Promise
from shared.db.workers import WorkerRow, Workers
from shared.ids import new_id
from shared.settings import CommonSettings


@pytest.fixture
async def connection(servers: Stack) -> AsyncIterator[AsyncConnection]:
    """Nothing that is written through it stays."""
    engine = create_async_engine(servers.database_url)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
def settings(servers: Stack) -> CommonSettings:
    return CommonSettings(
        environment="development",
        database_url=servers.database_url,
        redis_url=servers.redis_url,
        checkpoints=Path(servers.environment()["OSTINATO_CHECKPOINTS"]),
    )


@pytest.mark.parametrize("program", health.CHECKS)
def test_programs_that_do_their_work_are_well(program: str, house: Stack) -> None:
    command = [sys.executable, "-m", "deploy.health", program]
    asked = subprocess.run(command, env=house.environment(), check=False)
    assert asked.returncode == 0


async def test_a_worker_is_well_while_it_renews_its_row(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM workers"))
    row = WorkerRow(id=new_id(), name=f"7@{socket.gethostname()}", engine={})
    await Workers(connection).beat(row)
    assert await health.worker(connection, settings)
    await connection.execute(text("UPDATE workers SET heartbeat_at = now() - interval '1 hour'"))
    assert not await health.worker(connection, settings)


async def test_a_worker_of_another_host_says_nothing_of_this_one(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM workers"))
    await Workers(connection).beat(WorkerRow(id=new_id(), name="7@elsewhere", engine={}))
    assert not await health.worker(connection, settings)


async def test_the_dispatcher_is_unwell_when_a_promise_lies_about(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM outbox"))
    await Outbox(connection).add(new_id(), Promise.JOB, [{"state": "queued"}])
    assert await health.dispatcher(connection, settings)
    await connection.execute(text("UPDATE outbox SET created_at = now() - interval '1 minute'"))
    assert not await health.dispatcher(connection, settings)


async def test_the_trainer_is_unwell_until_every_checkpoint_is_registered(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM models"))
    assert not await health.trainer(connection, settings)
    for card in settings.checkpoints.glob("*/card.json"):
        await Models(connection).register(ModelCard.model_validate_json(card.read_bytes()))
    assert await health.trainer(connection, settings)
