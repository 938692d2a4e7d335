"""Outbox publishing with real servers: order, idempotency and outages."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent, NotesEvent
from ostinato.schemas.jobs import JobState
from shared.broker.celery_client import MAX_WAITING_NOTIFICATIONS, TaskSender
from shared.broker.notifier import MAX_NOTIFICATIONS, QueueNotifier
from shared.broker.queues import Queue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.outbox import TAKE_LIMIT, MessageKind, Outbox, take_messages
from shared.errors import Unavailable
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import JobFixture

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


async def num_messages(database: Database, job_id: UUID) -> int:
    statement = text("SELECT count(*) FROM outbox WHERE job_id = :job_id")
    async with database.connection() as connection:
        return int(await connection.scalar(statement, {"job_id": job_id}) or 0)


async def test_every_message_is_published_once_and_deleted(
    fixture: JobFixture, publisher: OutboxPublisher, streams: EventStreams, database: Database
) -> None:
    jobs = [await fixture.create(70), await fixture.create(1)]
    for _ in range(2):
        assert await publisher.publish([job.id for job in jobs]) == set()
    for job in jobs:
        assert await num_messages(database, job.id) == 0
        assert [event.seq for event in await streams.read(job.id, 0)] == [1]


async def test_workers_are_notified_a_bounded_number_of_times(
    fixture: JobFixture, task_sender: TaskSender, backends: Stack
) -> None:
    async with Redis.from_url(backends.redis_url) as redis:
        await redis.delete(Queue.BATCH)
        notifier = QueueNotifier(task_sender)
        notifier.notify({Queue.BATCH: 2})
        await notifier.drain()
        assert await redis.llen(Queue.BATCH) == 2
        notifier.notify({Queue.BATCH: 1000})
        await notifier.drain()
        assert await redis.llen(Queue.BATCH) == 2 + MAX_NOTIFICATIONS
        for _ in range(10):
            notifier.notify({Queue.BATCH: 1000})
            await notifier.drain()
        assert await redis.llen(Queue.BATCH) == MAX_WAITING_NOTIFICATIONS
        await redis.delete(Queue.BATCH)


async def test_publish_handles_more_messages_than_one_call_takes(
    fixture: JobFixture, publisher: OutboxPublisher, database: Database
) -> None:
    for extra in (0, 1, TAKE_LIMIT):
        job = await fixture.create(1)
        num_existing = await num_messages(database, job.id)
        payloads = [{"state": JobState.QUEUED}] * (TAKE_LIMIT + extra - num_existing)
        async with database.transaction() as connection:
            await Outbox(connection).add(job.id, MessageKind.JOB, payloads)
        publisher.schedule(job.id)
        await publisher.drain(20)
        assert await num_messages(database, job.id) == 0


async def test_events_are_published_in_commit_order(
    fixture: JobFixture, publisher: OutboxPublisher, streams: EventStreams
) -> None:
    job = await fixture.create(2)
    await fixture.finish(await fixture.claim())
    await asyncio.gather(*(publisher.publish([job.id]) for _ in range(4)))
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
    notifier = QueueNotifier(task_sender)
    with pytest.raises(Unavailable, match="Redis"):
        await OutboxPublisher(database, unreachable_streams, notifier).publish([job.id])
    assert await num_messages(database, job.id) == 1
    await unreachable_streams.close()
    unreachable_sender = TaskSender(UNREACHABLE)
    notifier = QueueNotifier(unreachable_sender)
    await OutboxPublisher(database, streams, notifier).publish([job.id])
    await notifier.drain()  # a notification that is lost is harmless
    assert await num_messages(database, job.id) == 0
    unreachable_sender.close()


async def test_the_relay_publishes_only_messages_older_than_the_age(
    fixture: JobFixture, database: Database, publisher: OutboxPublisher
) -> None:
    job = await fixture.create()
    await publisher.publish_overdue(timedelta(hours=1))
    assert await num_messages(database, job.id) == 1
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
    assert await num_messages(database, invalid.id) == 2
    async with database.transaction() as connection:
        await take_messages(connection, [invalid.id])
