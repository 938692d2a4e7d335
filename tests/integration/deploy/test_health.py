"""Health checks read what a service wrote to the database, not its process state."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy import health
from deploy.local.stack import Stack
from ostinato.schemas.models import ModelCard
from shared.db.model_versions import ModelVersions
from shared.db.outbox import MessageKind, Outbox
from shared.db.workers import WorkerRow, Workers
from shared.ids import new_id
from shared.settings import CommonSettings


@pytest.fixture
async def connection(backends: Stack) -> AsyncIterator[AsyncConnection]:
    """A connection whose changes are rolled back."""
    engine = create_async_engine(backends.database_url)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
def settings(backends: Stack) -> CommonSettings:
    return CommonSettings(
        environment="development",
        database_url=backends.database_url,
        redis_url=backends.redis_url,
        checkpoints_dir=Path(backends.env()["OSTINATO_CHECKPOINTS_DIR"]),
    )


async def test_a_worker_is_healthy_while_it_sends_heartbeats_and_serves_a_model(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM workers"))
    row = WorkerRow(id=new_id(), name=f"7@{socket.gethostname()}", engine_stats={})
    await Workers(connection).upsert_heartbeat(row)
    assert not await health.worker(connection, settings)
    await Workers(connection).upsert_heartbeat(replace(row, loaded_models={"mini": "a"}))
    assert await health.worker(connection, settings)
    await connection.execute(text("UPDATE workers SET heartbeat_at = now() - interval '1 hour'"))
    assert not await health.worker(connection, settings)


async def test_a_worker_of_another_host_does_not_count(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM workers"))
    row = WorkerRow(id=new_id(), name="7@elsewhere", engine_stats={}, loaded_models={"mini": "a"})
    await Workers(connection).upsert_heartbeat(row)
    assert not await health.worker(connection, settings)


async def test_the_dispatcher_is_unhealthy_if_the_outbox_has_an_old_message(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM outbox"))
    await Outbox(connection).add(new_id(), MessageKind.JOB, [{"state": "queued"}])
    assert await health.dispatcher(connection, settings)
    await connection.execute(text("UPDATE outbox SET created_at = now() - interval '1 minute'"))
    assert not await health.dispatcher(connection, settings)


async def test_the_trainer_is_unhealthy_until_every_checkpoint_is_registered(
    connection: AsyncConnection, settings: CommonSettings
) -> None:
    await connection.execute(text("DELETE FROM models"))
    assert not await health.trainer(connection, settings)
    for card in settings.checkpoints_dir.glob("*/card.json"):
        await ModelVersions(connection).register(ModelCard.model_validate_json(card.read_bytes()))
    assert await health.trainer(connection, settings)
