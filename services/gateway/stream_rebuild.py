"""Rebuilds a job's lost event stream from PostgreSQL.

Appending is idempotent, so a stream may be rebuilt twice. PostgreSQL lacks the notes of unfinished
melodies, which their worker publishes again, and the steps and pauses of a training: its rebuilt
stream has only its metrics and its state.
"""

from uuid import UUID

from ostinato.schemas.jobs import JobState
from services.gateway.app_state import AppState
from shared.broker.streams import EventStreams, NotesBatch
from shared.db.job_store import JobStatus, JobStore
from shared.db.melodies import Melodies
from shared.db.outbox import Outbox
from shared.db.trainings import Trainings

PAGE_SIZE = 200


async def rebuild_stream(app: AppState, job_id: UUID, owner: str) -> None:
    """Append the missing events to the job's stream, under the lock of the job's outbox.

    Raises:
        Unavailable: Redis or PostgreSQL does not answer.
    """
    async with app.database.transaction() as connection:
        await Outbox(connection).lock(job_id)
        job = await JobStore(connection).status(job_id, owner)
        await app.streams.append_job(job.id, JobState.QUEUED)
        if job.has_started:
            await app.streams.append_job(job.id, JobState.RUNNING)
        await _append_melodies(app.streams, Melodies(connection), job)
        await _append_metrics(app.streams, Trainings(connection), job)
        await app.streams.append_job(job.id, job.state, pause_count=job.pause_count)


async def _append_metrics(streams: EventStreams, trainings: Trainings, job: JobStatus) -> None:
    page = await trainings.metrics(job.id, after=0, limit=PAGE_SIZE)
    while page:
        for metrics in page:
            await streams.append_metrics(job.id, metrics)
        page = await trainings.metrics(job.id, after=page[-1].step, limit=PAGE_SIZE)


async def _append_melodies(streams: EventStreams, melodies: Melodies, job: JobStatus) -> None:
    last = -1
    while True:
        page = await melodies.list_by_job(job.id, after=last, limit=PAGE_SIZE)
        if job.is_interactive:
            notes = [await _notes_batch(melodies, job.id, melody.index) for melody in page]
            await streams.append_notes(notes)
        for melody in page:
            await streams.append_melody(job.id, melody.index, melody_id=melody.id, stats=melody)
            last = melody.index
        if len(page) < PAGE_SIZE:
            return


async def _notes_batch(melodies: Melodies, job_id: UUID, index: int) -> NotesBatch:
    notes, bars = await melodies.notes_and_bars(job_id, index)
    return NotesBatch(job_id=job_id, melody=index, first=0, notes=notes, bars=bars)
