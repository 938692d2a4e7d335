"""Rebuilds a job's lost event stream from PostgreSQL.

Appending is idempotent, so a stream may be rebuilt twice. PostgreSQL lacks the notes of unfinished
melodies, which their worker publishes again, and the steps and pauses of a training: its rebuilt
stream has only its metrics and its state.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobState
from services.gateway.app_state import AppState
from shared.broker.stream_entries import (
    job_event,
    melody_event,
    metrics_event,
)
from shared.broker.streams import EventStreams
from shared.db.job_queue.job_store import JobStatus, JobStore
from shared.db.melodies import Melodies
from shared.db.outbox import Outbox
from shared.db.trainer.trainings import Trainings
from shared.outbox_publisher import stored_notes_of

PAGE_SIZE = 200


async def rebuild_stream(app: AppState, job_id: UUID, owner: str) -> None:
    """Append the missing events to the job's stream, under the lock of the job's outbox.

    Raises:
        Unavailable: Redis or PostgreSQL does not answer.
    """
    async with app.database.transaction() as connection:
        await Outbox(connection).lock(job_id)
        job = await JobStore(connection).status(job_id, owner)
        started = [JobState.RUNNING] if job.has_started else []
        await app.streams.append(
            [job_event(job.id, state) for state in (JobState.QUEUED, *started)]
        )
        await _append_melodies(app.streams, connection, job)
        await _append_metrics(app.streams, Trainings(connection), job)
        await app.streams.append([job_event(job.id, job.state, pause_count=job.pause_count)])


async def _append_metrics(streams: EventStreams, trainings: Trainings, job: JobStatus) -> None:
    page = await trainings.metrics(job.id, after=0, limit=PAGE_SIZE)
    while page:
        await streams.append([metrics_event(job.id, metrics) for metrics in page])
        page = await trainings.metrics(job.id, after=page[-1].step, limit=PAGE_SIZE)


async def _append_melodies(
    streams: EventStreams, connection: AsyncConnection, job: JobStatus
) -> None:
    last = -1
    while True:
        page = await Melodies(connection).list_by_job(job.id, after=last, limit=PAGE_SIZE)
        if job.is_interactive:
            notes = await stored_notes_of(connection, [(job.id, it.index) for it in page])
            await streams.append(list(notes.values()))
        await streams.append(
            [
                melody_event(job.id, it.index, melody_id=it.id, stats=it, partial=it.partial)
                for it in page
            ]
        )
        if len(page) < PAGE_SIZE:
            return
        last = page[-1].index
