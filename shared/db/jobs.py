"""Jobs: accepted, listed, cancelled and brought to their end; never moved against `LEGAL_MOVES`.

Refuses to know who makes the melodies.
"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.outbox import Outbox, Promise
from shared.db.tables import jobs, shards
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from shared.ids import new_id
from shared.schemas.generations import SHARD_SIZE, GenerationRequest
from shared.schemas.jobs import LEGAL_MOVES, Failure, Job, JobState, ShardState
from shared.schemas.messages import Hint

UNFINISHED = tuple(state.value for state in LEGAL_MOVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request that passed every check, with what the gateway knows of its sender."""

    owner: str
    request: GenerationRequest
    """With its seed filled in."""
    posted: GenerationRequest
    """As it came: what the idempotency key stands for."""
    batch_sha256: bytes = b""
    """Of all that came with it: the key stands for the whole batch."""
    queue: str
    idempotency_key: str | None = None
    traceparent: str | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was posted."""
        return hashlib.sha256(self.batch_sha256 + self.posted.model_dump_json().encode()).digest()


class Jobs:
    """The jobs inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)

    async def accept(self, order: Order) -> Job:
        """Write job, shards and hints; an idempotency key seen before gives its job again.

        The position in the queue is not counted here: for thousands of orders that would be slow.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        job_id = await self._connection.scalar(
            upsert(jobs)
            .values(
                id=new_id(),
                owner=order.owner,
                state=JobState.QUEUED,
                priority=order.request.effective_priority,
                request=order.request.model_dump(mode="json"),
                num_melodies=order.request.count,
                idempotency_key=order.idempotency_key,
                request_sha256=order.digest,
                traceparent=order.traceparent,
            )
            .on_conflict_do_nothing(index_elements=["owner", "idempotency_key"])
            .returning(jobs.c.id)
        )
        if job_id is None:
            before = await self.accepted_before(order)
            assert before is not None  # noqa: S101 - the conflict was with it
            return before
        await self._cut(job_id, order)
        return _job(await self._row(job_id, order.owner))

    async def accepted_before(self, order: Order) -> Job | None:
        """The job that the order's idempotency key stands for; None if the key is new.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        if order.idempotency_key is None:
            return None
        row = (
            await self._connection.execute(
                select(jobs.c.id, jobs.c.request_sha256).where(
                    jobs.c.owner == order.owner, jobs.c.idempotency_key == order.idempotency_key
                )
            )
        ).one_or_none()
        if row is None:
            return None
        if row.request_sha256 != order.digest:
            raise IdempotencyMismatch(
                f"The idempotency key {order.idempotency_key!r} was used for another request; "
                "send the same body, or a new key.",
                job_id=str(row.id),
            )
        return _job(await self._row(row.id, order.owner))

    async def _cut(self, job_id: UUID, order: Order) -> None:
        """Cut the job into shards of at most `SHARD_SIZE` and promise a hint for each."""
        rows = [
            {
                "id": new_id(),
                "job_id": job_id,
                "queue": order.queue,
                "first": first,
                "size": min(SHARD_SIZE, order.request.count - first),
                "state": ShardState.QUEUED,
            }
            for first in range(0, order.request.count, SHARD_SIZE)
        ]
        await self._connection.execute(insert(shards), rows)
        await self._outbox.add(job_id, Promise.JOB, [{"state": JobState.QUEUED}])
        hints = [Hint(shard_id=row["id"], attempt=0, traceparent=order.traceparent) for row in rows]
        await self._outbox.add(
            job_id,
            Promise.HINT,
            [{"queue": order.queue, "hint": hint.model_dump(mode="json")} for hint in hints],
        )

    async def get(self, job_id: UUID, owner: str) -> Job:
        """The job, if it is this owner's.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        row = await self._row(job_id, owner)
        if row.state != JobState.QUEUED:
            return _job(row)
        return _job(row, await self._queue_position(job_id))

    async def _row(self, job_id: UUID, owner: str) -> Row[Any]:
        mine = select(jobs).where(jobs.c.id == job_id, jobs.c.owner == owner)
        row: Row[Any] | None = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            raise NotFound("job", job_id)
        return row

    async def _queue_position(self, job_id: UUID) -> int:
        """Queued shards of older jobs in the same queue."""
        queue = select(shards.c.queue).where(shards.c.job_id == job_id).limit(1)
        count = await self._connection.scalar(
            select(func.count()).where(
                shards.c.queue == queue.scalar_subquery(),
                shards.c.state == ShardState.QUEUED,
                shards.c.job_id < job_id,
            )
        )
        return count or 0

    async def page(
        self, owner: str, *, before: UUID | None, limit: int, state: JobState | None
    ) -> list[Job]:
        """This owner's jobs, newest first, older than `before`."""
        query = select(jobs).where(jobs.c.owner == owner).order_by(jobs.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(jobs.c.id < before)
        if state is not None:
            query = query.where(jobs.c.state == state)
        return [_job(row) for row in await self._connection.execute(query)]

    async def unfinished_melodies(self, owner: str) -> int:
        """How many melodies this owner is still waiting for."""
        count = await self._connection.scalar(
            select(
                func.coalesce(
                    func.sum(
                        jobs.c.num_melodies - jobs.c.succeeded - jobs.c.failed - jobs.c.cancelled
                    ),
                    0,
                )
            ).where(jobs.c.owner == owner, jobs.c.state.in_(UNFINISHED))
        )
        return int(count or 0)

    async def cancel(self, job_id: UUID, owner: str) -> Job:
        """Give up what is queued, and ask the workers to drop what runs.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it has ended otherwise.
        """
        job = await self.get(job_id, owner)
        await self.lock(job_id)
        job = await self.get(job_id, owner)
        if job.state in (JobState.CANCELLED, JobState.CANCELLING):
            return job
        if job.is_terminal:
            raise Conflict(f"The job has already {job.state}; there is nothing to cancel.")
        dropped = await self._connection.execute(
            update(shards)
            .where(shards.c.job_id == job_id, shards.c.state == ShardState.QUEUED)
            .values(state=ShardState.CANCELLED)
            .returning(shards.c.size)
        )
        if job.state is JobState.RUNNING:
            await self.move(job_id, JobState.CANCELLING)
        await self.count(job_id, cancelled=sum(dropped.scalars()))
        return await self.get(job_id, owner)

    async def lock(self, job_id: UUID) -> JobState:
        """Lock the job's row until the transaction ends; its state."""
        state = await self._connection.execute(
            select(jobs.c.state).where(jobs.c.id == job_id).with_for_update()
        )
        return JobState(state.scalar_one())

    async def move(self, job_id: UUID, state: JobState, *, error: Failure | None = None) -> None:
        """Move the locked job to another state and promise the event; illegal moves raise."""
        values: dict[str, Any] = {"state": state}
        if state is JobState.RUNNING:
            values["started_at"] = func.now()
        if state.is_terminal:
            values["finished_at"] = func.now()
        if error is not None:
            values["error"] = error.model_dump()
        await self._connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
        await self._outbox.add(job_id, Promise.JOB, [{"state": state}])

    async def count(
        self,
        job_id: UUID,
        *,
        succeeded: int = 0,
        failed: int = 0,
        cancelled: int = 0,
        error: Failure | None = None,
    ) -> None:
        """Add to the locked job's counters; when all melodies are accounted for, it ends."""
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
        if row.succeeded + row.failed + row.cancelled == row.num_melodies:
            await self.move(job_id, _end(row), error=error)


def _end(row: Row[Any]) -> JobState:
    if row.cancelled or row.state == JobState.CANCELLING:
        return JobState.CANCELLED
    if row.failed == 0:
        return JobState.SUCCEEDED
    return JobState.PARTIAL if row.succeeded else JobState.FAILED


def _job(row: Row[Any], queue_position: int | None = None) -> Job:
    return Job(
        id=row.id,
        state=JobState(row.state),
        priority=row.priority,
        request=GenerationRequest.model_validate(row.request),
        succeeded=row.succeeded,
        failed=row.failed,
        cancelled=row.cancelled,
        queue_position=queue_position,
        error=None if row.error is None else Failure.model_validate(row.error),
        retry_of=row.retry_of,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
