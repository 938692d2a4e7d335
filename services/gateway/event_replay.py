"""Telling a lost stream again: everything that PostgreSQL knows of a job, as events, in order.

What the stream already has stays as it is, so it may be told twice. Refuses to invent: the notes of
melodies that are still being written come from their worker, which sends them again by itself; the
steps and the pauses of a training are kept nowhere, so of it the curve and the state are told.
"""

from uuid import UUID

from ostinato.schemas.jobs import JobState
from services.gateway.app_state import State
from shared.broker.streams import EventStreams, NewNotes
from shared.db.job_store import Ledger, Outline
from shared.db.melodies import Melodies
from shared.db.outbox import Outbox
from shared.db.trainings import Trainings

PAGE = 200


async def tell_again(gateway: State, job_id: UUID, owner: str) -> None:
    """Append what is missing to the job's stream, while nobody else tells anything of the job.

    Raises:
        Unavailable: Redis or PostgreSQL does not answer.
    """
    async with gateway.database.transaction() as connection:
        await Outbox(connection).lock(job_id)
        job = await Ledger(connection).outline(job_id, owner)
        await gateway.streams.append_job(job.id, JobState.QUEUED)
        if job.has_started:
            await gateway.streams.append_job(job.id, JobState.RUNNING)
        await _tell_melodies(gateway.streams, Melodies(connection), job)
        await _tell_curve(gateway.streams, Trainings(connection), job)
        await gateway.streams.append_job(job.id, job.state, pauses=job.pauses)


async def _tell_curve(streams: EventStreams, repository: Trainings, job: Outline) -> None:
    page = await repository.curve(job.id, after=0, limit=PAGE)
    while page:
        for point in page:
            await streams.append_point(job.id, point)
        page = await repository.curve(job.id, after=page[-1].step, limit=PAGE)


async def _tell_melodies(streams: EventStreams, repository: Melodies, job: Outline) -> None:
    last = -1
    while True:
        page = await repository.of_job(job.id, after=last, limit=PAGE)
        notes = [
            await _notes(repository, job.id, melody.index) for melody in page if job.is_streamed
        ]
        await streams.append_notes(notes)
        for melody in page:
            await streams.append_melody(job.id, melody.index, melody_id=melody.id, gist=melody)
            last = melody.index
        if len(page) < PAGE:
            return


async def _notes(repository: Melodies, job_id: UUID, index: int) -> NewNotes:
    notes, bars = await repository.notes_of(job_id, index)
    return NewNotes(job_id=job_id, melody=index, first=0, notes=notes, bars=bars)
