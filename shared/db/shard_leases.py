"""Leases: what holds for every shard, whatever its job makes.

A shard is claimed by compare-and-set, kept by a lease, and finished under a fencing token, which is
`attempt` (Kleppmann 2016, "How to do distributed locking"): each claim raises it, and whoever comes
back with an old one changes nothing. Refuses to know how a shard is worked on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import Failure, JobState, ShardState
from shared.db.job_store import Ledger
from shared.db.outbox import Outbox, Promise
from shared.db.tables import shards
from shared.messages import Hint

MAX_CRASHES = 3
"""Twice in company, once alone: whatever then still kills its process is poison."""

IS_SUSPECT = shards.c.crashes >= MAX_CRASHES - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A shard that is ours until the lease ends."""

    shard_id: UUID
    job_id: UUID
    owner: str
    attempt: int
    count: int
    """Melodies, or the one thing that the job makes."""
    crashes: int

    @property
    def alone(self) -> bool:
        """It may be what kills processes: it runs with nothing beside it."""
        return self.crashes >= MAX_CRASHES - 1


class Leases:
    """The shards of every kind inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)

    async def take(
        self,
        job_id: UUID,
        shard_id: UUID,
        attempt: int,
        *,
        worker_id: UUID,
        lease: timedelta,
        alone: bool,
    ) -> bool:
        """Take the shard if nobody has since `attempt` and its job is not paused.

        A shard that may be what kills processes is only for a worker that has nothing else.
        """
        state = await self._ledger.lock(job_id)
        if state is JobState.PAUSED:
            return False
        taken = await self._connection.scalar(
            update(shards)
            .where(
                shards.c.id == shard_id,
                shards.c.attempt == attempt,
                shards.c.state == ShardState.QUEUED,
                true() if alone else ~IS_SUSPECT,
            )
            .values(
                state=ShardState.RUNNING,
                attempt=attempt + 1,
                worker_id=worker_id,
                lease_until=func.now() + lease,
            )
            .returning(shards.c.id)
        )
        if taken is not None and state is JobState.QUEUED:
            await self._ledger.move(job_id, JobState.RUNNING)
        return taken is not None

    async def extend(
        self, worker_id: UUID, held: Sequence[UUID], lease: timedelta
    ) -> set[tuple[UUID, int]]:
        """Renew the leases of what a worker holds; the shards and attempts that are its own."""
        rows = await self._connection.execute(
            update(shards)
            .where(
                shards.c.id.in_(held),
                shards.c.worker_id == worker_id,
                shards.c.state == ShardState.RUNNING,
            )
            .values(lease_until=func.now() + lease)
            .returning(shards.c.id, shards.c.attempt)
        )
        return {(row.id, row.attempt) for row in rows}

    async def finish(self, lease: Lease, state: ShardState) -> bool:
        """Lock the job and end the claimed shard; False if the claim is no longer ours."""
        await self._ledger.lock(lease.job_id)
        return await self._end(state, held_by(lease))

    async def release(self, lease: Lease) -> None:
        """Give an unfinished shard back, uncounted: the next worker may have it."""
        if await self._ledger.lock(lease.job_id) is JobState.CANCELLING:
            await self._give_up(lease.job_id, lease.count, *held_by(lease))
        else:
            await self._requeue(lease.job_id, 0, *held_by(lease))

    async def depth(self) -> list[tuple[str, str, int]]:
        """How many unfinished shards there are: (queue, state, count)."""
        rows = await self._connection.execute(
            select(shards.c.queue, shards.c.state, func.count())
            .where(shards.c.state.in_((ShardState.QUEUED, ShardState.RUNNING)))
            .group_by(shards.c.queue, shards.c.state)
        )
        return [(queue, state, count) for queue, state, count in rows]

    async def expired(self) -> list[tuple[UUID, UUID, int]]:
        """Shards whose lease has ended: (job, shard, attempt)."""
        rows = await self._connection.execute(
            select(shards.c.job_id, shards.c.id, shards.c.attempt).where(
                shards.c.state == ShardState.RUNNING, shards.c.lease_until < func.now()
            )
        )
        return [(row.job_id, row.id, row.attempt) for row in rows]

    async def reap(self, job_id: UUID, shard_id: UUID, attempt: int) -> None:
        """Take the shard from a worker that stopped renewing, and count the crash."""
        held = (
            shards.c.id == shard_id,
            shards.c.attempt == attempt,
            shards.c.state == ShardState.RUNNING,
            shards.c.lease_until < func.now(),
        )
        await self._crashed(job_id, shard_id, "its worker fell silent", *held)

    async def crash(self, lease: Lease, cause: str) -> None:
        """Give back a shard that went wrong in our hands, and count the crash."""
        await self._crashed(lease.job_id, lease.shard_id, cause, *held_by(lease))

    async def _crashed(
        self, job_id: UUID, shard_id: UUID, cause: str, *held: ColumnElement[bool]
    ) -> None:
        state = await self._ledger.lock(job_id)
        row = (
            await self._connection.execute(
                select(shards.c.size, shards.c.crashes).where(shards.c.id == shard_id)
            )
        ).one()
        if state is JobState.CANCELLING:
            await self._give_up(job_id, row.size, *held)
        elif row.crashes + 1 >= MAX_CRASHES:
            await self._bury(job_id, row.size, cause, *held)
        else:
            await self._requeue(job_id, 1, *held)

    async def _requeue(self, job_id: UUID, crashes: int, *held: ColumnElement[bool]) -> None:
        row = (
            await self._connection.execute(
                update(shards)
                .where(*held)
                .values(
                    state=ShardState.QUEUED,
                    crashes=shards.c.crashes + crashes,
                    lease_until=None,
                    worker_id=None,
                )
                .returning(shards.c.id, shards.c.queue, shards.c.attempt)
            )
        ).one_or_none()
        if row is not None:
            hint = Hint(shard_id=row.id, attempt=row.attempt).model_dump(mode="json")
            payload = {"queue": row.queue, "hint": hint}
            await Outbox(self._connection).add(job_id, Promise.HINT, [payload])

    async def _give_up(self, job_id: UUID, count: int, *held: ColumnElement[bool]) -> None:
        if await self._end(ShardState.CANCELLED, held):
            await self._ledger.count(job_id, cancelled=count)

    async def _bury(self, job_id: UUID, count: int, cause: str, *held: ColumnElement[bool]) -> None:
        if await self._end(ShardState.FAILED, held):
            detail = f"A part of the job failed {MAX_CRASHES} times, at last alone: {cause}."
            failure = Failure(code="poison", detail=detail)
            await self._ledger.count(job_id, failed=count, error=failure)

    async def _end(self, state: ShardState, held: Sequence[ColumnElement[bool]]) -> bool:
        ended = await self._connection.scalar(
            update(shards)
            .where(*held)
            .values(state=state, lease_until=None, worker_id=None)
            .returning(shards.c.id)
        )
        return ended is not None


def held_by(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which the shard is still ours."""
    return (
        shards.c.id == lease.shard_id,
        shards.c.attempt == lease.attempt,
        shards.c.state == ShardState.RUNNING,
    )
