"""Jobs of the trainer queues; each has exactly one shard.

`ShardLeases` has what all shards have in common.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ostinato.schemas.jobs import TRANSITIONS, JobState, ShardState
from shared.db.shard_leases import LeasedShard, ShardLeases, lease_fields
from shared.db.tables import jobs, shards

CLAIM_CANDIDATES = 8
"""Queued jobs to return at once: several trainers may try to claim the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerJob(LeasedShard):
    """A job that a trainer holds until its lease expires."""

    request: dict[str, Any]
    """The request as accepted; the queue determines its schema."""


class TrainerJobs(ShardLeases):
    """The jobs of the trainer queues, inside the caller's transaction."""

    async def queued(self, queue: str) -> list[tuple[UUID, int]]:
        """The oldest claimable shards of a queue, with their attempts."""
        rows = await self._connection.execute(
            select(shards.c.id, shards.c.attempt)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(
                shards.c.queue == queue,
                shards.c.state == ShardState.QUEUED,
                jobs.c.state != JobState.PAUSED,
            )
            .order_by(shards.c.job_id)
            .limit(CLAIM_CANDIDATES)
        )
        return [(row.id, row.attempt) for row in rows]

    async def claim(
        self,
        queue: str,
        shard_id: UUID,
        attempt: int,
        *,
        worker_id: UUID,
        lease_duration: timedelta,
    ) -> TrainerJob | None:
        """Claim a job of this queue; None if it was claimed since `attempt` or is paused.

        Every job runs in its own child process, which is all the isolation that a job needs.
        """
        job_id = await self._connection.scalar(
            select(shards.c.job_id).where(shards.c.id == shard_id, shards.c.queue == queue)
        )
        if job_id is None:
            return None
        acquired = await self.acquire(
            job_id,
            shard_id,
            attempt,
            worker_id=worker_id,
            lease_duration=lease_duration,
            allow_isolated=True,
        )
        if not acquired:
            return None
        row = await self._leased_row(shard_id)
        return TrainerJob(**lease_fields(row), request=row.request)

    async def stop_requested(self, worker_id: UUID) -> set[UUID]:
        """The shards of this trainer whose jobs are being cancelled or paused."""
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

    async def terminal(self, job_ids: Collection[UUID]) -> set[UUID]:
        """The ids of the given jobs that have ended."""
        rows = await self._connection.scalars(
            select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.state.not_in([*TRANSITIONS]))
        )
        return set(rows)
