"""Generation jobs as clients see them: create, list, get and cancel."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import TRANSITIONS, GenerationJob, JobError, JobKind, JobState
from shared.db.driver import Connection, Record, Statement, fetch
from shared.db.job_queue.endings import cancel_seconds, in_state, job_state, stopped_counts
from shared.db.job_queue.job_store import ENDED, PENDING, JobStore
from shared.db.job_queue.positions import queue_position
from shared.db.new_job import NewJob
from shared.db.owner_pages import newest_of_owner
from shared.db.tables.job_tables import jobs
from shared.errors import NotFound

_JOB = Statement(
    select(jobs).where(
        jobs.c.id == bindparam("job_id"),
        jobs.c.owner == bindparam("owner"),
        jobs.c.kind == literal_column(f"'{JobKind.GENERATION}'"),
    )
)


class GenerationJobs:
    """The generation jobs, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)

    async def create(self, new_job: NewJob[GenerationRequest]) -> GenerationJob:
        """Insert a job with its shards; for a known idempotency key, return the existing job.

        The queue position is not computed, which would be slow for a batch of thousands of jobs.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        job_id = await self._job_store.insert(new_job)
        assert job_id is not None  # noqa: S101 - generation jobs reserve no model version
        return _job(await _row(self._connection, job_id, new_job.owner))

    async def find_by_idempotency_key(
        self, new_job: NewJob[GenerationRequest]
    ) -> GenerationJob | None:
        """The job that was created with this idempotency key; None if the key is new.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        job_id = await self._job_store.find_by_idempotency_key(new_job)
        return None if job_id is None else _job(await _row(self._connection, job_id, new_job.owner))

    async def get(self, job_id: UUID, owner: str) -> GenerationJob:
        """One of the owner's jobs.

        Raises:
            NotFound: the owner has no such generation job.
        """
        return await read_generation_job(self._connection, job_id, owner)

    async def page(
        self, owner: str, *, before: UUID | None, limit: int, state: JobState | None
    ) -> list[GenerationJob]:
        """The owner's jobs, newest first, older than `before`."""
        query = newest_of_owner(select(jobs), jobs, owner, before=before, limit=limit)
        query = query.where(jobs.c.kind == JobKind.GENERATION)
        if state is not None and (stopped := in_state(state)) is not None:
            query = query.where(stopped)
        elif state is not None:
            query = query.where(jobs.c.state == state, PENDING if state in TRANSITIONS else ENDED)
        rows = await self._connection.execute(query)
        return [_job(dict(row)) for row in rows.mappings()]

    async def cancel(self, job_id: UUID, owner: str) -> GenerationJob:
        """Cancel queued shards, and request that workers drop the running ones; idempotent.

        Raises:
            NotFound: the owner has no such generation job.
            Conflict: the job has already ended otherwise.
        """
        await self.get(job_id, owner)
        await self._job_store.cancel(job_id)
        return await self.get(job_id, owner)


async def read_generation_job(connection: Connection, job_id: UUID, owner: str) -> GenerationJob:
    """One of the owner's jobs.

    Raises:
        NotFound: the owner has no such generation job.
    """
    row = await _row(connection, job_id, owner)
    if row["state"] != JobState.QUEUED:
        return _job(row)
    return _job(row, await queue_position(connection, job_id))


async def _row(connection: Connection, job_id: UUID, owner: str) -> Record:
    rows = await fetch(connection, _JOB, {"job_id": job_id, "owner": owner})
    if not rows:
        raise NotFound("job", job_id)
    return rows[0]


def new_generation_job(new_job: NewJob[GenerationRequest], created_at: datetime) -> GenerationJob:
    """A job that was just inserted, as clients see it."""
    return GenerationJob(
        id=new_job.job_id,
        state=JobState.QUEUED,
        priority=new_job.priority,
        request=new_job.request,
        retry_of=new_job.retry_of,
        created_at=created_at,
    )


def _job(row: Record, queue_position: int | None = None) -> GenerationJob:
    error = row["error"]
    return GenerationJob(
        id=row["id"],
        state=job_state(row["state"], is_expired=row["is_expired"]),
        priority=row["priority"],
        request=GenerationRequest.model_validate(row["request"]),
        succeeded=row["succeeded"],
        failed=row["failed"],
        **stopped_counts(row),
        queue_position=queue_position,
        error=None if error is None else JobError.model_validate(error),
        retry_of=row["retry_of"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        cancel_seconds=cancel_seconds(row),
    )
