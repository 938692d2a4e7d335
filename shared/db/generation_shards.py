"""Shards of melodies: which of them a worker may claim, and what it then has to play.

Whatever else happens to a shard is in `Leases`. Refuses to know how melodies are made.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, true

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState, ShardState
from ostinato.schemas.notes import Note
from shared.db.shard_leases import IS_SUSPECT, Lease, Leases
from shared.db.tables import jobs, primers, shards

LOOK_AHEAD = 8
"""Waiting shards to choose from; several workers may be after the oldest."""

_MODEL = jobs.c.request["model"].astext


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Lease):
    """A shard of melodies that is ours until the lease ends."""

    first: int
    request: GenerationRequest
    primer: tuple[Note, ...] = ()


class Shards(Leases):
    """The shards of melodies inside the caller's transaction."""

    async def waiting(
        self, queue: str, models: Collection[str], *, alone: bool
    ) -> list[tuple[UUID, int]]:
        """Queued shards for these models with their attempts; suspects only if `alone`.

        Owners take turns: whoever has the fewest shards running goes first, then the oldest.
        """
        busy = (
            select(jobs.c.owner, func.count().label("shards"))
            .join(shards, shards.c.job_id == jobs.c.id)
            .where(shards.c.state == ShardState.RUNNING)
            .group_by(jobs.c.owner)
            .subquery()
        )
        rows = await self._connection.execute(
            select(shards.c.id, shards.c.attempt)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .outerjoin(busy, busy.c.owner == jobs.c.owner)
            .where(
                shards.c.queue == queue,
                shards.c.state == ShardState.QUEUED,
                _MODEL.in_(models),
                true() if alone else ~IS_SUSPECT,
            )
            .order_by(func.coalesce(busy.c.shards, 0), shards.c.job_id, shards.c.first)
            .limit(LOOK_AHEAD)
        )
        return [(row.id, row.attempt) for row in rows]

    async def suspect_waits(self, models: Collection[str]) -> bool:
        """Whether a shard that has to run alone is waiting for a worker with these models."""
        found = await self._connection.scalar(
            select(shards.c.id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.state == ShardState.QUEUED, _MODEL.in_(models), IS_SUSPECT)
            .limit(1)
        )
        return found is not None

    async def claim(
        self,
        shard_id: UUID,
        attempt: int,
        *,
        worker_id: UUID,
        lease: timedelta,
        models: Collection[str],
        alone: bool,
    ) -> Claim | None:
        """Take the shard if nobody has since `attempt` and it is for one of these models.

        A shard that may be what kills processes is only for a worker that has nothing else.
        """
        job_id = await self._connection.scalar(
            select(shards.c.job_id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.id == shard_id, _MODEL.in_(models))
        )
        if job_id is None:
            return None
        taken = await self.take(
            job_id, shard_id, attempt, worker_id=worker_id, lease=lease, alone=alone
        )
        return await self._claimed(shard_id) if taken else None

    async def _claimed(self, shard_id: UUID) -> Claim:
        row = (
            await self._connection.execute(
                select(shards, jobs.c.owner, jobs.c.request)
                .join(jobs, jobs.c.id == shards.c.job_id)
                .where(shards.c.id == shard_id)
            )
        ).one()
        request = GenerationRequest.model_validate(row.request)
        notes = await self._connection.scalar(
            select(primers.c.notes).where(primers.c.id == request.primer_id)
        )
        return Claim(
            shard_id=row.id,
            job_id=row.job_id,
            owner=row.owner,
            attempt=row.attempt,
            first=row.first,
            count=row.size,
            crashes=row.crashes,
            request=request,
            primer=tuple(Note(*note) for note in notes or ()),
        )

    async def to_cancel(self, worker_id: UUID) -> list[UUID]:
        """The worker's shards whose jobs are to be given up."""
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
