"""Publishes the messages of the outbox to Redis and deletes them.

A service publishes right after its commit; the dispatcher's relay publishes what was missed.
Publishing is idempotent, so a crash between publishing and deleting is harmless.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import MelodyStats
from ostinato.schemas.trainings import TrainingMetrics
from shared.broker.celery_client import TaskSender
from shared.broker.streams import EventStreams, NotesBatch
from shared.db.database import Database
from shared.db.melodies import Melodies
from shared.db.outbox import FETCH_LIMIT, MessageKind, Outbox, OutboxMessage
from shared.errors import Unavailable
from shared.messages import ShardNotification

log = logging.getLogger(__name__)

MAX_CONCURRENT = 8
"""Each task may hold a database connection while Redis is slow; requests need the others."""


class OutboxPublisher:
    """Publishes outbox messages, those of one job in order."""

    def __init__(self, database: Database, streams: EventStreams, task_sender: TaskSender) -> None:
        self._database = database
        self._streams = streams
        self._task_sender = task_sender
        self._tasks: set[asyncio.Task[None]] = set()

    def schedule(self, job_id: UUID) -> None:
        """Publish a job's messages in the background, or leave them to the relay if busy."""
        if len(self._tasks) < MAX_CONCURRENT:
            task = asyncio.create_task(self._publish_logged(job_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _publish_logged(self, job_id: UUID) -> None:
        try:
            await self.publish(job_id)
        except Unavailable as error:
            log.warning("The relay will publish the messages of job %s: %s", job_id, error.detail)

    async def drain(self, timeout: float) -> None:  # noqa: ASYNC109 - late tasks are cancelled here
        """Wait for scheduled tasks; cancel those that take longer than `timeout` seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout)
            for task in late:
                task.cancel()

    async def publish(self, job_id: UUID) -> int:
        """Publish all messages of a job, and return their number.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer; unpublished messages stay.
        """
        published = size = await self._publish_batch(job_id)
        while size == FETCH_LIMIT:
            size = await self._publish_batch(job_id)
            published += size
        return published

    async def _publish_batch(self, job_id: UUID) -> int:
        async with self._database.transaction() as connection:
            outbox = Outbox(connection)
            messages = await outbox.fetch(job_id)
            for message in messages:
                if message.kind is not MessageKind.NOTIFICATION:
                    await self._append(connection, message)
            await self._task_sender.send(_notifications(messages))
            await outbox.delete(messages)
        return len(messages)

    async def _append(self, connection: AsyncConnection, message: OutboxMessage) -> None:
        if message.kind is MessageKind.JOB:
            await self._streams.append_job(
                message.job_id,
                JobState(message.payload["state"]),
                pause_count=message.payload.get("pause_count", 0),
            )
        elif message.kind is MessageKind.METRICS:
            metrics = TrainingMetrics.model_validate(message.payload)
            await self._streams.append_metrics(message.job_id, metrics)
        else:
            await self._append_melody(connection, message)

    async def _append_melody(self, connection: AsyncConnection, message: OutboxMessage) -> None:
        melody = message.payload["melody"]
        if message.payload["streamed"]:
            await self._backfill_notes(connection, message.job_id, melody)
        await self._streams.append_melody(
            message.job_id,
            melody,
            melody_id=UUID(message.payload["id"]),
            stats=MelodyStats(
                **{name: message.payload.get(name) for name in MelodyStats.model_fields}
            ),
        )

    async def _backfill_notes(self, connection: AsyncConnection, job_id: UUID, melody: int) -> None:
        """Append the notes that the stream lacks after an outage, before the melody event."""
        notes, bars = await Melodies(connection).notes_and_bars(job_id, melody)
        batch = NotesBatch(job_id=job_id, melody=melody, first=0, notes=notes, bars=bars)
        await self._streams.append_notes([batch])

    async def publish_overdue(self, age: timedelta) -> None:
        """Publish all messages older than `age`; an error in one job does not affect the others.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer.
        """
        async with self._database.transaction() as connection:
            overdue = await Outbox(connection).older_than(age)
        for job_id in overdue:
            try:
                await self.publish(job_id)
            except Unavailable:
                raise
            except Exception:
                log.exception("The messages of job %s cannot be published.", job_id)


def _notifications(messages: Sequence[OutboxMessage]) -> list[tuple[str, ShardNotification]]:
    return [
        (
            message.payload["queue"],
            ShardNotification.model_validate(message.payload["notification"]),
        )
        for message in messages
        if message.kind is MessageKind.NOTIFICATION
    ]
