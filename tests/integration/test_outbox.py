"""Outbox publishing with real servers: order, idempotency and outages."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent, NotesEvent
from ostinato.schemas.jobs import JobState
from shared.broker.celery_client import TaskSender
from shared.broker.queues import Queue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.outbox import FETCH_LIMIT, MessageKind, Outbox
from shared.errors import Unavailable
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import JobFixture

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database, Queue.BATCH)


async def num_messages(database: Database, job_id: UUID) -> int:
    async with database.transaction() as connection:
        return len(await Outbox(connection).fetch(job_id))


async def num_notifications(backends: Stack, shard_id: UUID) -> int:
    async with Redis.from_url(backends.redis_url) as redis:
        messages = await redis.lrange(Queue.BATCH, 0, -1)
    return sum(str(shard_id).encode() in message for message in messages)


async def test_every_message_is_published_once_and_deleted(
    fixture: JobFixture, publisher: OutboxPublisher, streams: EventStreams, backends: Stack
) -> None:
    job = await fixture.create(70)
    first, second = [shard_id for shard_id, _ in await fixture.queued()][-2:]
    assert await publisher.publish(job.id) == 3
    assert await publisher.publish(job.id) == 0
    assert [await num_notifications(backends, shard) for shard in (first, second)] == [1, 1]
    assert [event.seq for event in await streams.read(job.id, 0)] == [1]


async def test_publish_handles_more_messages_than_one_fetch_returns(
    fixture: JobFixture, publisher: OutboxPublisher, database: Database
) -> None:
    for extra in (0, 1, FETCH_LIMIT):
        job = await fixture.create(1)
        num_existing = await num_messages(database, job.id)
        payloads = [{"state": JobState.QUEUED}] * (FETCH_LIMIT + extra - num_existing)
        async with database.transaction() as connection:
            await Outbox(connection).add(job.id, MessageKind.JOB, payloads)
        assert await publisher.publish(job.id) == FETCH_LIMIT + extra
        assert await num_messages(database, job.id) == 0


async def test_events_are_published_in_commit_order(
    fixture: JobFixture, publisher: OutboxPublisher, streams: EventStreams
) -> None:
    job = await fixture.create(2)
    shard_id, attempt = (await fixture.queued())[-1]
    shard = await fixture.try_claim(shard_id, attempt)
    assert shard is not None
    await fixture.finish(shard)
    await asyncio.gather(*(publisher.publish(job.id) for _ in range(4)))
    events = await streams.read(job.id, 0)
    kinds = [type(event) for event in events]
    assert kinds == [JobEvent, JobEvent, NotesEvent, MelodyEvent, NotesEvent, MelodyEvent, JobEvent]
    states = [event.state for event in events if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]


async def test_messages_are_kept_while_redis_is_unavailable(
    fixture: JobFixture, database: Database, streams: EventStreams, task_sender: TaskSender
) -> None:
    job = await fixture.create()
    unreachable_streams = EventStreams(UNREACHABLE)
    with pytest.raises(Unavailable, match="Redis"):
        await OutboxPublisher(database, unreachable_streams, task_sender).publish(job.id)
    unreachable_sender = TaskSender(UNREACHABLE)
    with pytest.raises(Unavailable, match="Redis"):
        await OutboxPublisher(database, streams, unreachable_sender).publish(job.id)
    assert await num_messages(database, job.id) == 2
    await unreachable_streams.close()
    unreachable_sender.close()


async def test_the_relay_publishes_only_messages_older_than_the_age(
    fixture: JobFixture, database: Database, publisher: OutboxPublisher
) -> None:
    job = await fixture.create()
    await publisher.publish_overdue(timedelta(hours=1))
    assert await num_messages(database, job.id) == 2
    await publisher.publish_overdue(timedelta(0))
    assert await num_messages(database, job.id) == 0


async def test_a_message_that_cannot_be_published_does_not_block_other_jobs(
    fixture: JobFixture, database: Database, publisher: OutboxPublisher
) -> None:
    invalid, valid = await fixture.create(), await fixture.create()
    async with database.transaction() as connection:
        await Outbox(connection).add(invalid.id, MessageKind.JOB, [{"state": "no such state"}])
    await publisher.publish_overdue(timedelta(0))
    assert await num_messages(database, valid.id) == 0
    assert await num_messages(database, invalid.id) == 3
    async with database.transaction() as connection:
        outbox = Outbox(connection)
        await outbox.delete(await outbox.fetch(invalid.id))
