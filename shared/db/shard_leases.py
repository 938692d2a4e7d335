"""Leases on shards: acquire, renew, finish, release, and recovery after a crash.

A shard is claimed by compare-and-set and held by a lease that its worker renews. `attempt` is the
fencing token (Kleppmann 2016, "How to do distributed locking"): every claim increments it, and a
worker with a stale token changes nothing. This module has what the shards of all queues have in
common; the subclasses select the shards to claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobError, JobState, ShardState
from shared.db.job_store import JobStore
from shared.db.tables import jobs, shards
from shared.messages import ShardNotification

MAX_CRASHES = 3
"""Attempts that may crash: the last one runs isolated, and then the shard fails as poison."""

NEEDS_ISOLATION = shards.c.crashes >= MAX_CRASHES - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedShard:
    """A shard that a worker holds until its lease expires."""

    shard_id: UUID
    job_id: UUID
    owner: str
    attempt: int
    """The fencing token."""
    num_items: int
    """The number of melodies; 1 for the other kinds of jobs."""
    crashes: int

    @property
    def is_isolated(self) -> bool:
        """Whether it must run without other shards, because it may be what crashes workers."""
        return self.crashes >= MAX_CRASHES - 1


class ShardLeases:
    """The shards of every queue, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)

    async def acquire(
        self,
        job_id: UUID,
        shard_id: UUID,
        attempt: int,
        *,
        worker_id: UUID,
        lease_duration: timedelta,
        allow_isolated: bool,
    ) -> bool:
        """Claim a queued shard; False if it was claimed since `attempt`, or its job is paused.

        A shard that needs isolation is claimed only with `allow_isolated`.
        """
        state = await self._job_store.lock(job_id)
        if state is JobState.PAUSED:
            return False
        acquired = await self._connection.scalar(
            update(shards)
            .where(
                shards.c.id == shard_id,
                shards.c.attempt == attempt,
                shards.c.state == ShardState.QUEUED,
                true() if allow_isolated else ~NEEDS_ISOLATION,
            )
            .values(
                state=ShardState.RUNNING,
                attempt=attempt + 1,
                worker_id=worker_id,
                lease_expires_at=func.now() + lease_duration,
            )
            .returning(shards.c.id)
        )
        if acquired is not None and state is JobState.QUEUED:
            await self._job_store.transition(job_id, JobState.RUNNING)
        return acquired is not None

    async def _leased_row(self, shard_id: UUID) -> Row[Any]:
        """The row of a shard with the owner and the request of its job."""
        rows = await self._connection.execute(
            select(shards, jobs.c.owner, jobs.c.request)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.id == shard_id)
        )
        return rows.one()

    async def renew(
        self, worker_id: UUID, shard_ids: Sequence[UUID], lease_duration: timedelta
    ) -> set[tuple[UUID, int]]:
        """Renew the leases that the worker still holds; return their shards and attempts."""
        rows = await self._connection.execute(
            update(shards)
            .where(
                shards.c.id.in_(shard_ids),
                shards.c.worker_id == worker_id,
                shards.c.state == ShardState.RUNNING,
            )
            .values(lease_expires_at=func.now() + lease_duration)
            .returning(shards.c.id, shards.c.attempt)
        )
        return {(row.id, row.attempt) for row in rows}

    async def finish(self, shard: LeasedShard, state: ShardState) -> bool:
        """Lock the job and end the shard; False if the worker has lost the lease."""
        await self._job_store.lock(shard.job_id)
        return await self._end(state, held_under(shard))

    async def release(self, shard: LeasedShard) -> None:
        """Queue an unfinished shard again without counting a crash."""
        if await self._job_store.lock(shard.job_id) is JobState.CANCELLING:
            await self._cancel(shard.job_id, shard.num_items, *held_under(shard))
        else:
            await self._requeue(shard.job_id, 0, *held_under(shard))

    async def queue_depth(self) -> list[tuple[str, str, int]]:
        """The number of queued and of running shards: (queue, state, count)."""
        rows = await self._connection.execute(
            select(shards.c.queue, shards.c.state, func.count())
            .where(shards.c.state.in_((ShardState.QUEUED, ShardState.RUNNING)))
            .group_by(shards.c.queue, shards.c.state)
        )
        return [(queue, state, count) for queue, state, count in rows]

    async def expired(self) -> list[tuple[UUID, UUID, int]]:
        """Shards whose lease has expired: (job, shard, attempt)."""
        rows = await self._connection.execute(
            select(shards.c.job_id, shards.c.id, shards.c.attempt).where(
                shards.c.state == ShardState.RUNNING, shards.c.lease_expires_at < func.now()
            )
        )
        return [(row.job_id, row.id, row.attempt) for row in rows]

    async def reap(self, job_id: UUID, shard_id: UUID, attempt: int) -> None:
        """Revoke an expired lease and count the crash."""
        is_expired = (
            shards.c.id == shard_id,
            shards.c.attempt == attempt,
            shards.c.state == ShardState.RUNNING,
            shards.c.lease_expires_at < func.now(),
        )
        await self._record_crash(
            job_id, shard_id, "its worker stopped renewing the lease", *is_expired
        )

    async def report_crash(self, shard: LeasedShard, cause: str) -> None:
        """Release a shard whose attempt crashed in this worker, and count the crash."""
        await self._record_crash(shard.job_id, shard.shard_id, cause, *held_under(shard))

    async def _record_crash(
        self, job_id: UUID, shard_id: UUID, cause: str, *conditions: ColumnElement[bool]
    ) -> None:
        state = await self._job_store.lock(job_id)
        row = (
            await self._connection.execute(
                select(shards.c.size, shards.c.crashes).where(shards.c.id == shard_id)
            )
        ).one()
        if state is JobState.CANCELLING:
            await self._cancel(job_id, row.size, *conditions)
        elif row.crashes + 1 >= MAX_CRASHES:
            await self._fail_as_poison(job_id, row.size, cause, *conditions)
        else:
            await self._requeue(job_id, 1, *conditions)

    async def _requeue(self, job_id: UUID, crashes: int, *conditions: ColumnElement[bool]) -> None:
        row = (
            await self._connection.execute(
                update(shards)
                .where(*conditions)
                .values(
                    state=ShardState.QUEUED,
                    crashes=shards.c.crashes + crashes,
                    lease_expires_at=None,
                    worker_id=None,
                )
                .returning(shards.c.id, shards.c.queue, shards.c.attempt)
            )
        ).one_or_none()
        if row is not None:
            notification = ShardNotification(shard_id=row.id, attempt=row.attempt)
            await self._job_store.notify(job_id, row.queue, [notification])

    async def _cancel(self, job_id: UUID, num_items: int, *conditions: ColumnElement[bool]) -> None:
        if await self._end(ShardState.CANCELLED, conditions):
            await self._job_store.add_results(job_id, cancelled=num_items)

    async def _fail_as_poison(
        self, job_id: UUID, num_items: int, cause: str, *conditions: ColumnElement[bool]
    ) -> None:
        if await self._end(ShardState.FAILED, conditions):
            detail = (
                f"A part of the job crashed {MAX_CRASHES} times, the last time isolated: {cause}."
            )
            error = JobError(code="poison", detail=detail)
            await self._job_store.add_results(job_id, failed=num_items, error=error)

    async def _end(self, state: ShardState, conditions: Sequence[ColumnElement[bool]]) -> bool:
        ended = await self._connection.scalar(
            update(shards)
            .where(*conditions)
            .values(state=state, lease_expires_at=None, worker_id=None)
            .returning(shards.c.id)
        )
        return ended is not None


def lease_fields(row: Row[Any]) -> dict[str, Any]:
    """The fields of `LeasedShard` from a row of shards and the owner of its job."""
    return {
        "shard_id": row.id,
        "job_id": row.job_id,
        "owner": row.owner,
        "attempt": row.attempt,
        "num_items": row.size,
        "crashes": row.crashes,
    }


def held_under(shard: LeasedShard) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which the worker still holds the shard."""
    return (
        shards.c.id == shard.shard_id,
        shards.c.attempt == shard.attempt,
        shards.c.state == ShardState.RUNNING,
    )
