"""Jobs of the trainer queues; each has exactly one shard.

`ShardLeases` has what all shards have in common.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from ostinato.schemas.jobs import TRANSITIONS
from shared.db.job_queue.claims import Claims, queued_queues
from shared.db.job_queue.isolation import IsolatedClaims
from shared.db.job_queue.leased_shard import LeasedShard, lease_fields
from shared.db.job_queue.leases import ShardLeases
from shared.db.new_job import NO_MODEL
from shared.db.tables.job_tables import jobs
from shared.db.tables.retention_tables import deleted_jobs
from shared.worker_identity import WorkerIdentity

_STOP_REQUESTED = text("""
    SELECT shards.id FROM shards JOIN jobs ON jobs.id = shards.job_id
    WHERE shards.worker_id = :worker_id AND shards.state = 'running'
        AND jobs.state IN ('cancelling', 'paused')
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerJob(LeasedShard):
    """A job that a trainer holds until its lease expires."""

    request: dict[str, Any]
    """The request as accepted; the queue determines its schema."""


class TrainerJobs(ShardLeases):
    """The jobs of the trainer queues, inside the caller's transaction."""

    async def queued(self, queues: Collection[str]) -> set[str]:
        """Those of these queues that have a job to claim."""
        return await queued_queues(self._connection, queues, NO_MODEL)

    async def claim(self, queue: str, worker: WorkerIdentity) -> TrainerJob | None:
        """Claim the next job of this queue, in turn by owner; None if none is queued.

        Every job runs in its own child process, which is all the isolation that a job needs.
        """
        rows = await Claims(self._connection, worker).claim(queue, [NO_MODEL], max_items=1)
        if not rows:
            isolated = IsolatedClaims(self._connection, worker)
            reserved = await isolated.reserve([queue], [NO_MODEL])
            row = None if reserved is None else await isolated.claim(reserved.shard_id)
            rows = [] if row is None else [row]
        return TrainerJob(**lease_fields(rows[0]), request=rows[0].request) if rows else None

    async def stop_requested(self, worker_id: UUID) -> set[UUID]:
        """The shards of this trainer whose jobs are being cancelled or paused."""
        rows = await self._connection.scalars(_STOP_REQUESTED, {"worker_id": worker_id})
        return set(rows)

    async def terminal(self, job_ids: Collection[UUID]) -> set[UUID]:
        """The ids of the given jobs that have ended, or that were deleted."""
        rows = await self._connection.scalars(
            select(jobs.c.id)
            .where(jobs.c.id.in_(job_ids), jobs.c.state.not_in([*TRANSITIONS]))
            .union_all(select(deleted_jobs.c.job_id).where(deleted_jobs.c.job_id.in_(job_ids)))
        )
        return set(rows)
