"""Publishes the messages of the outbox to Redis and deletes them.

A service publishes right after its commit; the dispatcher's relay publishes what was missed.
Publishing is idempotent, so a crash between publishing and deleting is harmless.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from ostinato.schemas.melodies import MelodyStats
from ostinato.schemas.trainings import TrainingMetrics
from shared.broker.notifier import QueueNotifier
from shared.broker.stream_entries import (
    NotesBatch,
    StreamEntry,
    counts_event,
    job_event,
    melody_event,
    metrics_event,
    note_origin,
    stored_notes,
)
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.driver import Connection
from shared.db.job_queue.endings import published_state
from shared.db.melodies import notes_by_index
from shared.db.outbox import TAKE_LIMIT, MessageKind, Outbox, OutboxMessage, take_messages
from shared.errors import Unavailable

log = logging.getLogger(__name__)

MAX_JOBS_AT_ONCE = 200
MAX_SCHEDULED_JOBS = 10_000
"""The messages of further jobs are left to the relay."""
GATHER_SECONDS = 0.02
"""Pause after publishing, in which the messages of further jobs gather."""
RETRY_SECONDS = 0.02
"""Pause while another process publishes the messages of the same jobs."""
MAX_RETRIES = 50


class OutboxPublisher:
    """Publishes outbox messages, those of one job in order; one task serves all jobs."""

    def __init__(self, database: Database, streams: EventStreams, notifier: QueueNotifier) -> None:
        self._database = database
        self._streams = streams
        self._notifier = notifier
        self._scheduled: dict[UUID, int] = {}
        """The jobs to publish, with the number of attempts so far."""
        self._task: asyncio.Task[None] | None = None

    def schedule(self, *job_ids: UUID) -> None:
        """Publish the messages of these jobs in the background."""
        for job_id in job_ids:
            if len(self._scheduled) < MAX_SCHEDULED_JOBS:
                self._scheduled[job_id] = 0
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._publish_scheduled())

    async def drain(self, timeout: float) -> None:  # noqa: ASYNC109 - a late task is cancelled here
        """Wait for what is scheduled; leave it to the relay after `timeout` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                if self._task is not None:
                    await self._task
                await self._notifier.drain()

    async def _publish_scheduled(self) -> None:
        while self._scheduled:
            jobs = dict(list(self._scheduled.items())[:MAX_JOBS_AT_ONCE])
            for job_id in jobs:
                del self._scheduled[job_id]
            try:
                unfinished = await self.publish(jobs)
            except Unavailable as error:
                log.warning("The relay will publish %d jobs: %s", len(jobs), error.detail)
                continue
            except Exception:  # the relay finds the job that cannot be published
                log.exception("The messages of %d jobs cannot be published.", len(jobs))
                continue
            for job_id in unfinished:
                if jobs[job_id] < MAX_RETRIES:
                    self._scheduled.setdefault(job_id, jobs[job_id] + 1)
            await asyncio.sleep(RETRY_SECONDS if unfinished else GATHER_SECONDS)

    async def publish(self, job_ids: Collection[UUID]) -> set[UUID]:
        """Publish all messages of these jobs; returns the jobs that another process publishes now.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer; unpublished messages stay.
        """
        while True:
            async with (
                self._database.driver_connection() as connection,
                connection.transaction(),
            ):
                messages, locked = await take_messages(connection, job_ids)
                if messages:  # if Redis does not answer, the transaction fails and they stay
                    await self._streams.append(await _entries(connection, messages))
            self._notifier.notify(_queued_shards(messages))
            if len(messages) < TAKE_LIMIT:
                return set(job_ids) - locked

    async def publish_overdue(self, age: timedelta) -> None:
        """Publish messages older than `age`; an error in one job does not affect the others.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer.
        """
        after: int | None = 0
        while after is not None:
            async with self._database.connection() as connection:
                overdue, after = await Outbox(connection).overdue(age, after=after)
            for start in range(0, len(overdue), MAX_JOBS_AT_ONCE):
                await self._publish_or_split(overdue[start : start + MAX_JOBS_AT_ONCE])

    async def _publish_or_split(self, job_ids: Collection[UUID]) -> None:
        """Publish jobs together; if that fails, each alone, so that only the faulty ones fail."""
        try:
            await self.publish(job_ids)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - the log names the job that fails alone
            await self._publish_each(job_ids)

    async def _publish_each(self, job_ids: Collection[UUID]) -> None:
        for job_id in job_ids:
            try:
                await self.publish([job_id])
            except Unavailable:
                raise
            except Exception:
                log.exception(
                    *("The messages of job %s cannot be published.", job_id),
                    extra={"job": job_id},
                )


async def stored_notes_of(
    connection: Connection, wanted: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], NotesBatch]:
    """The notes of stored melodies, which are identified by job and index, for event streams."""
    found = await notes_by_index(connection, wanted)
    return {
        key: stored_notes(
            *key,
            stored.notes,
            bars=stored.bars,
            origin=note_origin(stored.model_sha256, stored.numerics),
        )
        for key, stored in found.items()
    }


async def _entries(connection: Connection, messages: Sequence[OutboxMessage]) -> list[StreamEntry]:
    streamed = [_melody_key(message) for message in messages if _is_streamed(message)]
    notes = await stored_notes_of(connection, streamed) if streamed else {}
    entries: list[StreamEntry] = []
    for message in messages:
        if _is_streamed(message):  # the stream may lack notes after an outage
            entries.append(notes[_melody_key(message)])
        entries += _events(message)
    return entries


def _events(message: OutboxMessage) -> Iterator[StreamEntry]:
    payload = message.payload
    if message.kind is MessageKind.JOB:
        state = published_state(payload)
        yield job_event(message.job_id, state, pause_count=payload.get("pause_count", 0))
    elif message.kind is MessageKind.COUNTS:
        yield counts_event(message.job_id, payload)
    elif message.kind is MessageKind.METRICS:
        yield metrics_event(message.job_id, TrainingMetrics.model_validate(payload))
    elif message.kind is MessageKind.MELODY:
        stats = MelodyStats(**{name: payload.get(name) for name in MelodyStats.model_fields})
        melody_id = UUID(payload["id"])
        yield melody_event(
            message.job_id,
            payload["melody"],
            melody_id=melody_id,
            stats=stats,
            partial=payload.get("partial", False),
        )


def _is_streamed(message: OutboxMessage) -> bool:
    return message.kind is MessageKind.MELODY and bool(message.payload["streamed"])


def _melody_key(message: OutboxMessage) -> tuple[UUID, int]:
    return message.job_id, message.payload["melody"]


def _queued_shards(messages: Sequence[OutboxMessage]) -> Counter[str]:
    """The number of new shards of each queue."""
    shards: Counter[str] = Counter()
    for message in messages:
        if "queue" in message.payload:
            shards[message.payload["queue"]] += message.payload.get("shards", 1)
    return shards
