"""Rows of `jobs` of every kind: insertion, state transitions and counters.

Each change inserts its outbox message in the same transaction. A trigger rejects every transition
that `TRANSITIONS` does not list.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import SHARD_SIZE, Priority
from ostinato.schemas.jobs import TRANSITIONS, JobError, JobKind, JobState, ShardState
from shared.db.new_job import NewJob
from shared.db.outbox import MessageKind, Outbox
from shared.db.tables import jobs, shards
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from shared.ids import new_id
from shared.messages import ShardNotification


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

        The result is None if another job has reserved its model version.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        job_id = await self._connection.scalar(
            upsert(jobs)
            .values(
                id=new_job.job_id,
                kind=new_job.kind,
                owner=new_job.owner,
                state=JobState.QUEUED,
                priority=new_job.priority,
                request=new_job.request.model_dump(mode="json"),
                num_items=new_job.num_items,
                version=new_job.version,
                idempotency_key=new_job.idempotency_key,
                request_sha256=new_job.request_sha256,
                traceparent=new_job.traceparent,
            )
            .on_conflict_do_nothing()
            .returning(jobs.c.id)
        )
        if job_id is None:
            return await self.find_by_idempotency_key(new_job)
        await self._create_shards(new_job)
        return new_job.job_id

    async def find_by_idempotency_key(self, new_job: NewJob[Any]) -> UUID | None:
        """The id of the job that was inserted with this idempotency key; None if the key is new.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        if new_job.idempotency_key is None:
            return None
        row = (
            await self._connection.execute(
                select(jobs.c.id, jobs.c.request_sha256).where(
                    jobs.c.owner == new_job.owner,
                    jobs.c.idempotency_key == new_job.idempotency_key,
                )
            )
        ).one_or_none()
        if row is None:
            return None
        if row.request_sha256 != new_job.request_sha256:
            raise IdempotencyMismatch(
                f"The idempotency key {new_job.idempotency_key!r} was used for another request; "
                "send the same body, or a new key.",
                job_id=str(row.id),
            )
        return UUID(str(row.id))

    async def _create_shards(self, new_job: NewJob[Any]) -> None:
        """Insert shards of at most `SHARD_SIZE` items, with a notification for each."""
        rows = [
            {
                "id": new_id(),
                "job_id": new_job.job_id,
                "queue": new_job.queue,
                "first_index": first_index,
                "size": min(SHARD_SIZE, new_job.num_items - first_index),
                "state": ShardState.QUEUED,
            }
            for first_index in range(0, new_job.num_items, SHARD_SIZE)
        ]
        await self._connection.execute(insert(shards), rows)
        await self._outbox.add(new_job.job_id, MessageKind.JOB, [{"state": JobState.QUEUED}])
        notifications = [
            ShardNotification(shard_id=row["id"], attempt=0, traceparent=new_job.traceparent)
            for row in rows
        ]
        await self.notify(new_job.job_id, new_job.queue, notifications)

    async def notify(
        self, job_id: UUID, queue: str, notifications: list[ShardNotification]
    ) -> None:
        """Insert outbox messages that shards of a job are queued."""
        payloads = [
            {"queue": queue, "notification": notification.model_dump(mode="json")}
            for notification in notifications
        ]
        await self._outbox.add(job_id, MessageKind.NOTIFICATION, payloads)

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
            state=JobState(row.state),
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
        cancelled = await self._connection.execute(
            update(shards)
            .where(shards.c.job_id == job_id, shards.c.state == ShardState.QUEUED)
            .values(state=ShardState.CANCELLED)
            .returning(shards.c.size)
        )
        if state is not JobState.QUEUED:
            await self.transition(job_id, JobState.CANCELLING)
        await self.add_results(job_id, cancelled=sum(cancelled.scalars()))

    async def count_pending(self, owner: str, kind: JobKind) -> int:
        """The number of the owner's jobs of a kind that have not ended."""
        count = await self._connection.scalar(
            select(func.count()).where(
                jobs.c.owner == owner, jobs.c.kind == kind, jobs.c.state.in_([*TRANSITIONS])
            )
        )
        return int(count or 0)

    async def past_deadline(self) -> list[UUID]:
        """Queued, running and paused jobs whose deadline has passed."""
        deadline = jobs.c.request["deadline_seconds"].as_integer()
        rows = await self._connection.scalars(
            select(jobs.c.id).where(
                jobs.c.state.in_((JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)),
                jobs.c.created_at + func.make_interval(0, 0, 0, 0, 0, 0, deadline) < func.now(),
            )
        )
        return list(rows)

    async def lock(self, job_id: UUID) -> JobState:
        """Lock the job's row until the transaction ends, and return its state."""
        result = await self._connection.execute(
            select(jobs.c.state).where(jobs.c.id == job_id).with_for_update()
        )
        return JobState(result.scalar_one())

    async def transition(
        self, job_id: UUID, state: JobState, *, error: JobError | None = None
    ) -> None:
        """Change the state of a locked job; the database raises for an illegal transition."""
        values: dict[str, Any] = {"state": state}
        if state is JobState.RUNNING:
            values["started_at"] = func.coalesce(jobs.c.started_at, func.now())
        if state is JobState.PAUSED:
            values["pause_count"] = jobs.c.pause_count + 1
        if state.is_terminal:
            values["finished_at"] = func.now()
        if error is not None:
            values["error"] = error.model_dump()
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
        row = (
            await self._connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(
                    succeeded=jobs.c.succeeded + succeeded,
                    failed=jobs.c.failed + failed,
                    cancelled=jobs.c.cancelled + cancelled,
                )
                .returning(*jobs.c)
            )
        ).one()
        if row.succeeded + row.failed + row.cancelled == row.num_items:
            await self.transition(job_id, _final_state(row), error=error)


def _final_state(row: Row[Any]) -> JobState:
    if row.cancelled or row.state == JobState.CANCELLING:
        return JobState.CANCELLED
    if row.failed == 0:
        return JobState.SUCCEEDED
    return JobState.PARTIAL if row.succeeded else JobState.FAILED
