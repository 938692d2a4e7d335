"""Errands: the jobs of trainers, of which each is one shard. What happens to it is in `Leases`.

Refuses to know how an errand is run.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ostinato.schemas.jobs import LEGAL_MOVES, JobState, ShardState
from shared.db.shard_leases import Lease, Leases
from shared.db.tables import jobs, shards


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand(Lease):
    """A trainer's job that is ours until the lease ends."""

    request: dict[str, Any]
    """As accepted; its shape depends on the queue."""


class Errands(Leases):
    """The errands inside the caller's transaction."""

    async def waiting(self, queue: str) -> list[tuple[UUID, int]]:
        """The oldest errands that may be begun, with their attempts."""
        rows = await self._connection.execute(
            select(shards.c.id, shards.c.attempt)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(
                shards.c.queue == queue,
                shards.c.state == ShardState.QUEUED,
                jobs.c.state != JobState.PAUSED,
            )
            .order_by(shards.c.job_id)
            .limit(8)
        )
        return [(row.id, row.attempt) for row in rows]

    async def claim(
        self, queue: str, shard_id: UUID, attempt: int, *, worker_id: UUID, lease: timedelta
    ) -> Errand | None:
        """Take an errand of this queue if nobody has since `attempt` and it is not paused.

        Each runs in a process of its own, which is as alone as a suspect has to be.
        """
        job_id = await self._connection.scalar(
            select(shards.c.job_id).where(shards.c.id == shard_id, shards.c.queue == queue)
        )
        if job_id is None or not await self.take(
            job_id, shard_id, attempt, worker_id=worker_id, lease=lease, alone=True
        ):
            return None
        return await self._claimed(shard_id)

    async def _claimed(self, shard_id: UUID) -> Errand:
        row = (
            await self._connection.execute(
                select(shards, jobs.c.owner, jobs.c.request)
                .join(jobs, jobs.c.id == shards.c.job_id)
                .where(shards.c.id == shard_id)
            )
        ).one()
        return Errand(
            shard_id=row.id,
            job_id=row.job_id,
            owner=row.owner,
            attempt=row.attempt,
            count=row.size,
            crashes=row.crashes,
            request=row.request,
        )

    async def to_stop(self, worker_id: UUID) -> set[UUID]:
        """The errands of this trainer whose jobs are to be given up, or to pause."""
        rows = await self._connection.scalars(
            select(shards.c.id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(
                shards.c.worker_id == worker_id,
                shards.c.state == ShardState.RUNNING,
                jobs.c.state.in_((JobState.CANCELLING, JobState.PAUSED)),
            )
        )
        return set(rows)

    async def ended(self, job_ids: Collection[UUID]) -> set[UUID]:
        """Those of these jobs that will never move again."""
        rows = await self._connection.scalars(
            select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.state.not_in([*LEGAL_MOVES]))
        )
        return set(rows)
