"""The outbox between the real servers: what was promised is said, in order, whatever is away."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent, NotesEvent
from ostinato.schemas.jobs import JobState
from shared.broker.celery_client import Hints
from shared.broker.queues import Queue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.outbox import PAGE, Outbox, Promise
from shared.errors import Unavailable
from shared.outbox_publisher import Publisher
from tests.orders import Desk

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, Queue.BATCH)


async def promised(database: Database, job_id: UUID) -> int:
    async with database.transaction() as connection:
        return len(await Outbox(connection).take(job_id))


async def hints_for(servers: Stack, shard_id: UUID) -> int:
    async with Redis.from_url(servers.redis_url) as redis:
        messages = await redis.lrange(Queue.BATCH, 0, -1)
    return sum(str(shard_id).encode() in message for message in messages)


async def test_every_promise_is_kept_once_and_then_forgotten(
    desk: Desk, publisher: Publisher, streams: EventStreams, servers: Stack
) -> None:
    job = await desk.accept(70)
    first, second = [shard_id for shard_id, _ in await desk.waiting()][-2:]
    assert await publisher.publish(job.id) == 3
    assert await publisher.publish(job.id) == 0
    assert [await hints_for(servers, shard) for shard in (first, second)] == [1, 1]
    assert [event.seq for event in await streams.read(job.id, 0)] == [1]


async def test_more_than_a_page_of_promises_is_kept_at_once(
    desk: Desk, publisher: Publisher, database: Database
) -> None:
    for more in (0, 1, PAGE):
        job = await desk.accept(1)
        there = await promised(database, job.id)
        said_before = [{"state": JobState.QUEUED}] * (PAGE + more - there)
        async with database.transaction() as connection:
            await Outbox(connection).add(job.id, Promise.JOB, said_before)
        assert await publisher.publish(job.id) == PAGE + more
        assert await promised(database, job.id) == 0


async def test_events_come_in_the_order_of_the_commits(
    desk: Desk, publisher: Publisher, streams: EventStreams
) -> None:
    job = await desk.accept(2)
    shard_id, attempt = (await desk.waiting())[-1]
    claim = await desk.try_claim(shard_id, attempt)
    assert claim is not None
    await desk.finish(claim)
    await asyncio.gather(*(publisher.publish(job.id) for _ in range(4)))
    events = await streams.read(job.id, 0)
    kinds = [type(event) for event in events]
    assert kinds == [JobEvent, JobEvent, NotesEvent, MelodyEvent, NotesEvent, MelodyEvent, JobEvent]
    states = [event.state for event in events if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]


async def test_while_redis_is_away_promises_are_kept_for_later(
    desk: Desk, database: Database, streams: EventStreams, hints: Hints
) -> None:
    job = await desk.accept()
    without_streams = EventStreams(NOWHERE)
    with pytest.raises(Unavailable, match="Redis"):
        await Publisher(database, without_streams, hints).publish(job.id)
    without_hints = Hints(NOWHERE)
    with pytest.raises(Unavailable, match="Redis"):
        await Publisher(database, streams, without_hints).publish(job.id)
    assert await promised(database, job.id) == 2
    await without_streams.close()
    without_hints.close()


async def test_the_sweep_keeps_what_is_overdue(
    desk: Desk, database: Database, publisher: Publisher
) -> None:
    job = await desk.accept()
    await publisher.sweep(timedelta(hours=1))
    assert await promised(database, job.id) == 2
    await publisher.sweep(timedelta(0))
    assert await promised(database, job.id) == 0


async def test_a_promise_that_cannot_be_kept_stops_no_other(
    desk: Desk, database: Database, publisher: Publisher
) -> None:
    broken, sound = await desk.accept(), await desk.accept()
    async with database.transaction() as connection:
        await Outbox(connection).add(broken.id, Promise.JOB, [{"state": "no such state"}])
    await publisher.sweep(timedelta(0))
    assert await promised(database, sound.id) == 0
    assert await promised(database, broken.id) == 3
    async with database.transaction() as connection:
        outbox = Outbox(connection)
        await outbox.drop(await outbox.take(broken.id))
