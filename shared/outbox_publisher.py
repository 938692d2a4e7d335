"""Keeping the promises of the outbox: what a transaction promised is said, then struck out.

Whoever commits publishes at once; whatever that misses, the dispatcher's relay sweeps up. Saying a
thing twice does no harm, so a crash between the two steps does none. Refuses to promise anything.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Gist
from ostinato.schemas.trainings import TrainingPoint
from shared.broker.celery_client import Hints
from shared.broker.streams import EventStreams, NewNotes
from shared.db.database import Database
from shared.db.melodies import Melodies
from shared.db.outbox import PAGE, Entry, Outbox, Promise
from shared.errors import Unavailable
from shared.messages import Hint

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Each may hold a connection for as long as Redis keeps it waiting: the others are needed."""


class Publisher:
    """Says what was promised, each job's promises in their order."""

    def __init__(self, database: Database, streams: EventStreams, hints: Hints) -> None:
        self._database = database
        self._streams = streams
        self._hints = hints
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self, job_id: UUID) -> None:
        """Begin to publish; what would be too much, or fails, is left to the dispatcher."""
        if len(self._tasks) < AT_ONCE:
            task = asyncio.create_task(self._tolerantly(job_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tolerantly(self, job_id: UUID) -> None:
        try:
            await self.publish(job_id)
        except Unavailable as error:
            log.warning("Job %s is left to the dispatcher: %s", job_id, error.detail)

    async def finish(self, patience: float) -> None:
        """Wait for what was begun, for so many seconds at most."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()

    async def publish(self, job_id: UUID) -> int:
        """Say everything that this job still has to say; how much that was.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer; the rest is still promised.
        """
        said = page = await self._publish_some(job_id)
        while page == PAGE:
            page = await self._publish_some(job_id)
            said += page
        return said

    async def _publish_some(self, job_id: UUID) -> int:
        async with self._database.transaction() as connection:
            outbox = Outbox(connection)
            entries = await outbox.take(job_id)
            for entry in entries:
                if entry.kind is not Promise.HINT:
                    await self._tell(connection, entry)
            await self._hints.send(_hints(entries))
            await outbox.drop(entries)
        return len(entries)

    async def _tell(self, connection: AsyncConnection, entry: Entry) -> None:
        if entry.kind is Promise.JOB:
            state, pauses = JobState(entry.payload["state"]), entry.payload.get("pauses", 0)
            await self._streams.append_job(entry.job_id, state, pauses=pauses)
        elif entry.kind is Promise.POINT:
            point = TrainingPoint.model_validate(entry.payload)
            await self._streams.append_point(entry.job_id, point)
        else:
            await self._tell_melody(connection, entry)

    async def _tell_melody(self, connection: AsyncConnection, entry: Entry) -> None:
        melody = entry.payload["melody"]
        if entry.payload["streamed"]:
            await self._complete(connection, entry.job_id, melody)
        await self._streams.append_melody(
            entry.job_id,
            melody,
            melody_id=UUID(entry.payload["id"]),
            gist=Gist(**{name: entry.payload.get(name) for name in Gist.model_fields}),
        )

    async def _complete(self, connection: AsyncConnection, job_id: UUID, melody: int) -> None:
        """Whatever notes the stream missed while Redis was away come before the melody's end."""
        notes, bars = await Melodies(connection).notes_of(job_id, melody)
        whole = NewNotes(job_id=job_id, melody=melody, first=0, notes=notes, bars=bars)
        await self._streams.append_notes([whole])

    async def sweep(self, age: timedelta) -> None:
        """Keep every promise older than `age`; a job whose promises cannot be kept stops no other.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer.
        """
        async with self._database.transaction() as connection:
            overdue = await Outbox(connection).overdue(age)
        for job_id in overdue:
            try:
                await self.publish(job_id)
            except Unavailable:
                raise
            except Exception:
                log.exception("The promises of job %s cannot be kept.", job_id)


def _hints(entries: Sequence[Entry]) -> list[tuple[str, Hint]]:
    return [
        (entry.payload["queue"], Hint.model_validate(entry.payload["hint"]))
        for entry in entries
        if entry.kind is Promise.HINT
    ]
