"""Health checks read what a service wrote to the database, not its process state."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy import health
from deploy.local.stack import Stack
from shared.db.outbox import MessageKind, Outbox
from shared.db.trainer.trainers import Trainers
from shared.db.workers import WorkerRow, Workers
from shared.ids import new_id
from shared.worker_identity import WorkerIdentity


@pytest.fixture
async def connection(backends: Stack) -> AsyncIterator[AsyncConnection]:
    """A connection whose changes are rolled back."""
    engine = create_async_engine(backends.database_url)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def test_a_worker_is_healthy_while_it_sends_heartbeats_and_serves_a_model(
    connection: AsyncConnection,
) -> None:
    await connection.execute(text("DELETE FROM workers"))
    row = WorkerRow(id=new_id(), name=f"7@{socket.gethostname()}", engine_stats={})
    await Workers(connection).upsert_heartbeat(row)
    assert not await health.worker(connection)
    await Workers(connection).upsert_heartbeat(replace(row, loaded_models={"mini": "a"}))
    assert await health.worker(connection)
    await connection.execute(text("UPDATE workers SET heartbeat_at = now() - interval '1 hour'"))
    assert not await health.worker(connection)


async def test_a_worker_of_another_host_does_not_count(
    connection: AsyncConnection,
) -> None:
    await connection.execute(text("DELETE FROM workers"))
    row = WorkerRow(id=new_id(), name="7@elsewhere", engine_stats={}, loaded_models={"mini": "a"})
    await Workers(connection).upsert_heartbeat(row)
    assert not await health.worker(connection)


async def test_the_dispatcher_is_unhealthy_if_the_outbox_has_an_old_message(
    connection: AsyncConnection,
) -> None:
    await connection.execute(text("DELETE FROM outbox"))
    await Outbox(connection).add(new_id(), MessageKind.JOB, [{"state": "queued"}])
    assert await health.dispatcher(connection)
    await connection.execute(text("UPDATE outbox SET created_at = now() - interval '1 minute'"))
    assert not await health.dispatcher(connection)


async def test_a_trainer_is_healthy_while_it_sends_heartbeats(connection: AsyncConnection) -> None:
    await connection.execute(text("DELETE FROM trainers"))
    for host, is_healthy in (("elsewhere", False), (socket.gethostname(), True)):
        trainer = WorkerIdentity(
            id=new_id(), name=f"trainer-7@{host}", lease_duration=timedelta(seconds=1)
        )
        await Trainers(connection).upsert_heartbeat(trainer)
        assert await health.trainer(connection) is is_healthy
    await connection.execute(text("UPDATE trainers SET heartbeat_at = now() - interval '1 hour'"))
    assert not await health.trainer(connection)
    await Trainers(connection).upsert_heartbeat(trainer)
    assert await health.trainer(connection)
    await Trainers(connection).deregister(trainer)
    assert not await health.trainer(connection)
