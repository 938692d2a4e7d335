"""Rows of `jobs` of every kind: insertion, state transitions and counters.

Each change inserts its outbox message in the same transaction. A trigger rejects every transition
that `TRANSITIONS` does not list.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import Priority
from ostinato.schemas.jobs import JobError, JobKind, JobState
from shared.db.job_queue.cancellation import cancel_locked_jobs
from shared.db.job_queue.endings import job_state
from shared.db.job_queue.job_counts import NewResults, count_results
from shared.db.job_queue.submissions import VersionReserved, check_body, submit
from shared.db.job_queue.waiting import pause_shards, resume_shards
from shared.db.new_job import NewJob
from shared.db.outbox import MessageKind, Outbox
from shared.db.tables.job_tables import jobs
from shared.errors import Conflict, NotFound

PENDING = text("jobs.state IN ('queued', 'running', 'paused', 'cancelling')")
ENDED = text("jobs.state IN ('succeeded', 'partial', 'failed', 'cancelled')")
"""The conditions of two partial indexes, which bind parameters cannot match."""
_HAS_RUNNING_SHARD = text(
    "SELECT EXISTS (SELECT FROM shards WHERE job_id = :job_id AND state = 'running')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """The fields that jobs of all kinds have in common."""

    id: UUID
    kind: JobKind
    state: JobState
    pause_count: int
    """How many times the job was paused."""
    has_started: bool
    is_interactive: bool
    """Whether its notes are published while they are generated."""


class JobStore:
    """The jobs of every kind, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)

    async def insert(self, new_job: NewJob[Any]) -> UUID | None:
        """Insert a job with its shards, unless its idempotency key is known; return the job's id.

        The result is None, and the transaction has failed, if another job has reserved the version.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        try:
            return (await submit(self._connection, new_job)).job_id
        except VersionReserved:
            return None

    async def find_by_idempotency_key(self, new_job: NewJob[Any]) -> UUID | None:
        """The id of the job that was inserted with this idempotency key; None if the key is new.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        if new_job.idempotency_key is None:
            return None
        row = (
            await self._connection.execute(
                select(jobs.c.id.label("previous_id"), jobs.c.request_sha256).where(
                    jobs.c.owner == new_job.owner,
                    jobs.c.idempotency_key == new_job.idempotency_key,
                )
            )
        ).one_or_none()
        if row is None:
            return None
        check_body(row.previous_id, row.request_sha256, new_job)
        return UUID(str(row.previous_id))

    async def notify(self, job_id: UUID, queue: str) -> None:
        """Insert an outbox message that a shard of the job is queued again."""
        payload = {"queue": queue, "shards": 1}
        await self._outbox.add(job_id, MessageKind.NOTIFICATION, [payload])

    async def status(self, job_id: UUID, owner: str) -> JobStatus:
        """The status of one of the owner's jobs, of any kind.

        Raises:
            NotFound: the owner has no such job.
        """
        query = select(jobs).where(jobs.c.id == job_id, jobs.c.owner == owner)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("job", job_id)
        return JobStatus(
            id=row.id,
            kind=JobKind(row.kind),
            state=job_state(row.state, is_expired=row.is_expired),
            pause_count=row.pause_count,
            has_started=row.started_at is not None,
            is_interactive=row.priority == Priority.INTERACTIVE,
        )

    async def cancel(self, job_id: UUID) -> None:
        """Cancel a job of any kind; idempotent.

        Raises:
            Conflict: the job has already ended otherwise.
        """
        state = await self.lock(job_id)
        if state in (JobState.CANCELLED, JobState.CANCELLING):
            return
        if state.is_terminal:
            raise Conflict(f"The job has already {state}; it cannot be cancelled.")
        await cancel_locked_jobs(self._connection, [job_id])

    async def pause(self, job_id: UUID) -> None:
        """Pause a job: its running shards continue or are released, the others wait. Idempotent.

        Raises:
            Conflict: the job has ended, or is being cancelled.
        """
        state = await self.lock(job_id)
        if state in (JobState.QUEUED, JobState.RUNNING):
            await pause_shards(self._connection, job_id)
            await self.transition(job_id, JobState.PAUSED)
        elif state is not JobState.PAUSED:
            raise Conflict(f"It is {state}; it cannot be paused.")

    async def resume(self, job_id: UUID) -> None:
        """Queue the paused shards of a job, behind those that its owner has queued. Idempotent.

        Raises:
            Conflict: the job has ended, or is being cancelled.
        """
        state = await self.lock(job_id)
        if state is JobState.PAUSED:
            queue, num_resumed = await resume_shards(self._connection, job_id)
            is_running = await self._has_running_shard(job_id)
            await self.transition(job_id, JobState.RUNNING if is_running else JobState.QUEUED)
            if num_resumed:
                await self.notify(job_id, queue)
        elif state not in (JobState.QUEUED, JobState.RUNNING):
            raise Conflict(f"It is {state}; it cannot be resumed.")

    async def count_pending(self, owner: str, kind: JobKind) -> int:
        """The number of the owner's jobs of a kind that have not ended."""
        count = await self._connection.scalar(
            select(func.count()).where(jobs.c.owner == owner, jobs.c.kind == kind, PENDING)
        )
        return int(count or 0)

    async def _has_running_shard(self, job_id: UUID) -> bool:
        return bool(await self._connection.scalar(_HAS_RUNNING_SHARD, {"job_id": job_id}))

    async def lock(self, job_id: UUID) -> JobState:
        """Lock the job's row until the transaction ends, and return its state.

        Raises:
            NotFound: the job was deleted.
        """
        result = await self._connection.execute(
            select(jobs.c.state, jobs.c.is_expired).where(jobs.c.id == job_id).with_for_update()
        )
        row = result.one_or_none()
        if row is None:
            raise NotFound("job", job_id)
        return job_state(row.state, is_expired=row.is_expired)

    async def transition(self, job_id: UUID, state: JobState) -> None:
        """Change the state of a locked job; the database raises for an illegal transition."""
        values: dict[str, Any] = {"state": state}
        if state is JobState.RUNNING:
            values["started_at"] = func.coalesce(jobs.c.started_at, func.now())
        if state is JobState.PAUSED:
            values["pause_count"] = jobs.c.pause_count + 1
        pause_count = await self._connection.scalar(
            update(jobs).where(jobs.c.id == job_id).values(values).returning(jobs.c.pause_count)
        )
        payload = {"state": state, "pause_count": pause_count}
        await self._outbox.add(job_id, MessageKind.JOB, [payload])

    async def add_results(
        self,
        job_id: UUID,
        *,
        succeeded: int = 0,
        failed: int = 0,
        cancelled: int = 0,
        error: JobError | None = None,
    ) -> None:
        """Add to the counters of a locked job, and end the job if no item is pending."""
        results = NewResults(
            job_id=job_id, succeeded=succeeded, failed=failed, cancelled=cancelled, error=error
        )
        await count_results(self._connection, [results])
