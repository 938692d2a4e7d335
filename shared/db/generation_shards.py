"""Shards of generation jobs: which of them a worker may claim, and their requests.

`ShardLeases` has what all shards have in common.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, true

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState, ShardState
from ostinato.schemas.notes import Note
from shared.db.shard_leases import NEEDS_ISOLATION, LeasedShard, ShardLeases, lease_fields
from shared.db.tables import jobs, primers, shards

CLAIM_CANDIDATES = 8
"""Queued shards to return at once: several workers may try to claim the first."""

_MODEL = jobs.c.request["model"].astext


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedShard(LeasedShard):
    """A shard of melodies that a worker holds until its lease expires."""

    first_index: int
    """The index in the job of the shard's first melody."""
    request: GenerationRequest
    primer_notes: tuple[Note, ...] = ()


class GenerationShards(ShardLeases):
    """The shards of melodies, inside the caller's transaction."""

    async def claim_candidates(
        self, queue: str, models: Collection[str], *, allow_isolated: bool
    ) -> list[tuple[UUID, int]]:
        """Queued shards for these models with their attempts, fairly ordered.

        Shards of the owner with the fewest running shards come first, then the oldest. Shards that
        need isolation are included only with `allow_isolated`.
        """
        running = (
            select(jobs.c.owner, func.count().label("shards"))
            .join(shards, shards.c.job_id == jobs.c.id)
            .where(shards.c.state == ShardState.RUNNING)
            .group_by(jobs.c.owner)
            .subquery()
        )
        rows = await self._connection.execute(
            select(shards.c.id, shards.c.attempt)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .outerjoin(running, running.c.owner == jobs.c.owner)
            .where(
                shards.c.queue == queue,
                shards.c.state == ShardState.QUEUED,
                _MODEL.in_(models),
                true() if allow_isolated else ~NEEDS_ISOLATION,
            )
            .order_by(func.coalesce(running.c.shards, 0), shards.c.job_id, shards.c.first_index)
            .limit(CLAIM_CANDIDATES)
        )
        return [(row.id, row.attempt) for row in rows]

    async def isolation_pending(self, models: Collection[str]) -> bool:
        """Whether a shard that needs isolation is queued for one of these models."""
        found = await self._connection.scalar(
            select(shards.c.id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.state == ShardState.QUEUED, _MODEL.in_(models), NEEDS_ISOLATION)
            .limit(1)
        )
        return found is not None

    async def claim(
        self,
        shard_id: UUID,
        attempt: int,
        *,
        worker_id: UUID,
        lease_duration: timedelta,
        models: Collection[str],
        allow_isolated: bool,
    ) -> ClaimedShard | None:
        """Claim a queued shard; None if it was claimed since `attempt` or needs another model.

        A shard that needs isolation is claimed only with `allow_isolated`.
        """
        job_id = await self._connection.scalar(
            select(shards.c.job_id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.id == shard_id, _MODEL.in_(models))
        )
        if job_id is None:
            return None
        acquired = await self.acquire(
            job_id,
            shard_id,
            attempt,
            worker_id=worker_id,
            lease_duration=lease_duration,
            allow_isolated=allow_isolated,
        )
        return await self._claimed(shard_id) if acquired else None

    async def _claimed(self, shard_id: UUID) -> ClaimedShard:
        row = await self._leased_row(shard_id)
        request = GenerationRequest.model_validate(row.request)
        notes = await self._connection.scalar(
            select(primers.c.notes).where(primers.c.id == request.primer_id)
        )
        return ClaimedShard(
            **lease_fields(row),
            first_index=row.first_index,
            request=request,
            primer_notes=tuple(Note(*note) for note in notes or ()),
        )

    async def cancel_requested(self, worker_id: UUID) -> list[UUID]:
        """The worker's shards whose jobs are being cancelled."""
        rows = await self._connection.scalars(
            select(shards.c.id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(
                shards.c.worker_id == worker_id,
                shards.c.state == ShardState.RUNNING,
                jobs.c.state == JobState.CANCELLING,
            )
        )
        return list(rows)
