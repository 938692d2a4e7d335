"""The jobs that make melodies, as their owners see them: accepted, listed, looked at, cancelled.

Refuses to know who makes the melodies.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import LEGAL_MOVES, Failure, Job, JobState, Kind, ShardState
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.db.tables import jobs, shards
from shared.errors import NotFound

UNFINISHED = tuple(state.value for state in LEGAL_MOVES)


class Jobs:
    """The jobs inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)

    async def accept(self, order: Order[GenerationRequest]) -> Job:
        """Write job, shards and hints; an idempotency key seen before gives its job again.

        The position in the queue is not counted here: for thousands of orders that would be slow.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        job_id = await self._ledger.enter(order)
        assert job_id is not None  # noqa: S101 - melodies have no name that could be taken
        return _job(await self._row(job_id, order.owner))

    async def accepted_before(self, order: Order[GenerationRequest]) -> Job | None:
        """The job that the order's idempotency key stands for; None if the key is new.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        job_id = await self._ledger.entered_before(order)
        return None if job_id is None else _job(await self._row(job_id, order.owner))

    async def get(self, job_id: UUID, owner: str) -> Job:
        """The job, if it is this owner's.

        Raises:
            NotFound: there is none that makes melodies, or it is somebody else's.
        """
        row = await self._row(job_id, owner)
        if row.state != JobState.QUEUED:
            return _job(row)
        return _job(row, await self._queue_position(job_id))

    async def _row(self, job_id: UUID, owner: str) -> Row[Any]:
        mine = select(jobs).where(
            jobs.c.id == job_id, jobs.c.owner == owner, jobs.c.kind == Kind.GENERATION
        )
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
        mine = select(jobs).where(jobs.c.owner == owner, jobs.c.kind == Kind.GENERATION)
        query = mine.order_by(jobs.c.id.desc()).limit(limit)
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
            ).where(
                jobs.c.owner == owner,
                jobs.c.kind == Kind.GENERATION,
                jobs.c.state.in_(UNFINISHED),
            )
        )
        return int(count or 0)

    async def cancel(self, job_id: UUID, owner: str) -> Job:
        """Give up what is queued, and ask the workers to drop what runs.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it has ended otherwise.
        """
        await self.get(job_id, owner)
        await self._ledger.give_up(job_id)
        return await self.get(job_id, owner)


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
