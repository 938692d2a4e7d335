"""Telling a lost stream again: everything that PostgreSQL knows of a job, as events, in order.

What the stream already has stays as it is, so it may be told twice. Refuses to invent: the notes of
melodies that are still being written come from their worker, which sends them again by itself.
"""

from uuid import UUID

from services.gateway.state import State
from shared.broker.streams import EventStreams, NewNotes
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies
from shared.db.outbox import Outbox
from shared.schemas.generations import Priority
from shared.schemas.jobs import Job, JobState

PAGE = 200


async def tell_again(gateway: State, job_id: UUID, owner: str) -> None:
    """Append what is missing to the job's stream, while nobody else tells anything of the job.

    Raises:
        Unavailable: Redis or PostgreSQL does not answer.
    """
    async with gateway.database.transaction() as connection:
        await Outbox(connection).lock(job_id)
        job = await Jobs(connection).get(job_id, owner)
        await gateway.streams.append_job(job.id, JobState.QUEUED)
        if job.started_at is not None:
            await gateway.streams.append_job(job.id, JobState.RUNNING)
        await _tell_melodies(gateway.streams, Melodies(connection), job)
        await gateway.streams.append_job(job.id, job.state)


async def _tell_melodies(streams: EventStreams, repository: Melodies, job: Job) -> None:
    last, streamed = -1, job.priority is Priority.INTERACTIVE
    while True:
        page = await repository.of_job(job.id, after=last, limit=PAGE)
        notes = [await _notes(repository, job.id, melody.index) for melody in page if streamed]
        await streams.append_notes(notes)
        for melody in page:
            await streams.append_melody(
                job.id, melody.index, melody_id=melody.id, num_notes=melody.num_notes
            )
            last = melody.index
        if len(page) < PAGE:
            return


async def _notes(repository: Melodies, job_id: UUID, index: int) -> NewNotes:
    notes, bars = await repository.notes_of(job_id, index)
    return NewNotes(job_id=job_id, melody=index, first=0, notes=notes, bars=bars)
