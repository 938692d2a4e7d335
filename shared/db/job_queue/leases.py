"""Leases on shards: renew, finish, release, and recovery after a crash.

A claimed shard is held by a lease that its worker renews. `attempt` is the fencing token (Kleppmann
2016, "How to do distributed locking"): every claim increments it, and a worker with a stale token
changes nothing. This module has what the shards of all queues have in common.

Two counters say how the attempts at a shard have failed. `crashes` are those whose process stopped
renewing the lease, or whose device failed: the shard may have caused that or not, so it is tried
again after a delay, and runs alone from the second crash on (`isolation`). `failed_attempts` are
those that failed because of the shard itself: only they end it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobError, JobState, ShardState
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.isolation import ISOLATION_CRASHES
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.leased_shard import IS_RUNNING, LeasedShard, held_under
from shared.db.job_queue.pending import add_paused, subtract_pending
from shared.db.tables.queue_tables import shards

MAX_FAILED_ATTEMPTS = 3
"""After this many attempts that count against it, a shard fails as poison."""
MIN_DELAY_SECONDS, MAX_DELAY_SECONDS = 0.5, 30.0
"""A shard is queued again that long after its second crash; each further one doubles the delay."""
REAP_LIMIT = 200
"""Expired leases that one pass of the reaper revokes."""

_COUNTERS = select(
    *(shards.c.crashes, shards.c.failed_attempts),
    *(shards.c.attempt, shards.c.isolated_attempt, shards.c.worker_id),
)

_NUM_EXPIRED = text(f"""
    SELECT count(*) FROM (
        SELECT FROM shards
        WHERE state = 'running' AND lease_expires_at < now() - CAST(:age AS interval)
        LIMIT {REAP_LIMIT}
    ) AS overdue
""")  # noqa: S608 - the limit is a constant


class ShardLeases:
    """The shards of every queue, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)

    async def renew(
        self, worker_id: UUID, shard_ids: Sequence[UUID], lease_duration: timedelta
    ) -> set[tuple[UUID, int]]:
        """Renew the leases that the worker still holds; return their shards and attempts."""
        rows = await self._connection.execute(
            update(shards)
            .where(shards.c.id.in_(shard_ids), shards.c.worker_id == worker_id, IS_RUNNING)
            .values(lease_expires_at=func.now() + lease_duration)
            .returning(shards.c.id, shards.c.attempt)
        )
        return {(row.id, row.attempt) for row in rows}

    async def finish(self, shard: LeasedShard, state: ShardState) -> bool:
        """Lock the job and end the shard; False if the worker has lost the lease."""
        await self._job_store.lock(shard.job_id)
        return await self._end(state, held_under(shard)) is not None

    async def release(self, shard: LeasedShard) -> None:
        """Queue an unfinished shard again without counting anything."""
        state = await self._job_store.lock(shard.job_id)
        if state is JobState.CANCELLING:
            await self._cancel(shard.job_id, *held_under(shard))
        else:
            await self._requeue(shard.job_id, state, *held_under(shard))

    async def expired(self) -> list[tuple[UUID, UUID, int]]:
        """The shards whose leases expired first, at most `REAP_LIMIT`: (job, shard, attempt)."""
        rows = await self._connection.execute(
            select(shards.c.job_id, shards.c.id, shards.c.attempt)
            .where(IS_RUNNING, shards.c.lease_expires_at < func.now())
            .order_by(shards.c.lease_expires_at)
            .limit(REAP_LIMIT)
        )
        return [(row.job_id, row.id, row.attempt) for row in rows]

    async def num_expired(self, age: timedelta) -> int:
        """How many leases expired longer than `age` ago and were not revoked, up to a limit."""
        return int(await self._connection.scalar(_NUM_EXPIRED, {"age": age}) or 0)

    async def reap(self, job_id: UUID, shard_id: UUID, attempt: int) -> None:
        """Revoke an expired lease and count the crash, or end the delay after one."""
        is_expired = (
            shards.c.id == shard_id,
            shards.c.attempt == attempt,
            IS_RUNNING,
            shards.c.lease_expires_at < func.now(),
        )
        await self._record_crash(
            job_id, "its process died or stopped renewing the lease", *is_expired
        )

    async def report_crash(self, shard: LeasedShard, cause: str) -> None:
        """Give a shard back whose process cannot continue; as if the lease had expired."""
        await self._record_crash(shard.job_id, cause, *held_under(shard))

    async def report_failed_attempt(self, shard: LeasedShard, cause: str) -> None:
        """Give a shard back whose attempt failed because of the shard itself."""
        state = await self._job_store.lock(shard.job_id)
        conditions = held_under(shard)
        failed = await self._connection.scalar(select(shards.c.failed_attempts).where(*conditions))
        if failed is None:
            return
        if state is JobState.CANCELLING:
            await self._cancel(shard.job_id, *conditions)
        elif failed + 1 >= MAX_FAILED_ATTEMPTS:
            detail = f"A part of the job failed {failed + 1} times by itself: {cause}."
            await self._fail_as_poison(shard.job_id, detail, *conditions)
        else:
            await self._requeue(shard.job_id, state, *conditions, failed_attempts=failed + 1)

    async def _record_crash(
        self, job_id: UUID, cause: str, *conditions: ColumnElement[bool]
    ) -> None:
        state = await self._job_store.lock(job_id)
        row = (await self._connection.execute(_COUNTERS.where(*conditions))).one_or_none()
        if row is None:
            return
        counts = int(row.isolated_attempt == row.attempt)
        crashes, failed = row.crashes + 1 - counts, row.failed_attempts + counts
        if state is JobState.CANCELLING:
            await self._cancel(job_id, *conditions)
        elif row.worker_id is None:  # no process holds the lease: the delay after a crash is over
            await self._requeue(job_id, state, *conditions)
        elif failed >= MAX_FAILED_ATTEMPTS:
            detail = (
                f"A part of the job ended {failed} processes, although it ran alone in them, and "
                f"each had completed another melody just before; the last time, {cause}."
            )
            await self._fail_as_poison(job_id, detail, *conditions)
        elif state is JobState.PAUSED or crashes + failed < ISOLATION_CRASHES:
            await self._requeue(job_id, state, *conditions, crashes=crashes, failed_attempts=failed)
        else:
            await self._delay(crashes, failed, *conditions)

    async def _delay(self, crashes: int, failed: int, *conditions: ColumnElement[bool]) -> None:
        """Keep a shard from all processes for a while: under a lease that none of them holds."""
        await self._connection.execute(
            update(shards)
            .where(*conditions)
            .values(
                crashes=crashes,
                failed_attempts=failed,
                worker_id=None,
                lease_expires_at=func.now() + delay_after(crashes + failed),
            )
        )

    async def _requeue(
        self,
        job_id: UUID,
        state: JobState,
        *conditions: ColumnElement[bool],
        **counters: int,
    ) -> None:
        """Queue a shard again with its rank, or pause it with its job; set these counters."""
        is_paused = state is JobState.PAUSED
        row = (
            await self._connection.execute(
                update(shards)
                .where(*conditions)
                .values(
                    state=ShardState.PAUSED if is_paused else ShardState.QUEUED,
                    lease_expires_at=None,
                    worker_id=None,
                    **counters,
                )
                .returning(
                    *(shards.c.owner, shards.c.queue, shards.c.model),
                    (shards.c.size - shards.c.ended_items).label("unfinished"),
                )
            )
        ).one_or_none()
        if row is None:
            return
        if is_paused:
            place = (row.owner, row.queue, row.model)
            await add_paused(self._connection, *place, row.unfinished)
        else:
            await self._job_store.notify(job_id, row.queue)

    async def _cancel(self, job_id: UUID, *conditions: ColumnElement[bool]) -> None:
        unfinished = await self._end(ShardState.CANCELLED, conditions)
        if unfinished is not None:
            await self._job_store.add_results(job_id, cancelled=unfinished)

    async def _fail_as_poison(
        self, job_id: UUID, detail: str, *conditions: ColumnElement[bool]
    ) -> None:
        error = JobError(code="poison", detail=detail)
        await start_jobs(self._connection, [job_id])  # its process may have died before that
        await self._connection.execute(
            update(shards).where(*conditions).values(failed_attempts=MAX_FAILED_ATTEMPTS)
        )
        unfinished = await self._end(ShardState.FAILED, conditions, error=error)
        if unfinished is not None:
            await self._job_store.add_results(job_id, failed=unfinished, error=error)

    async def _end(
        self,
        state: ShardState,
        conditions: Sequence[ColumnElement[bool]],
        *,
        error: JobError | None = None,
    ) -> int | None:
        """End a shard, and return its number of unfinished items; None if it is not held."""
        held = await self._connection.execute(
            select(
                *(shards.c.id, shards.c.owner, shards.c.queue, shards.c.model),
                (shards.c.size - shards.c.ended_items).label("unfinished"),
            )
            .where(*conditions)
            .with_for_update()
        )
        row = held.one_or_none()
        if row is None:
            return None
        await self._connection.execute(
            update(shards)
            .where(shards.c.id == row.id)
            .values(
                state=state,
                ended_items=shards.c.size,
                lease_expires_at=None,
                worker_id=None,
                error=None if error is None else error.model_dump(),
            )
        )
        await subtract_pending(
            self._connection, [(row.owner, row.queue, row.model, row.unfinished)]
        )
        return int(row.unfinished)


def delay_after(num_attempts: int) -> timedelta:
    """How long a shard waits after that many crashes and failed attempts, at least two."""
    doublings = min(num_attempts - ISOLATION_CRASHES, 10)
    return timedelta(seconds=min(MIN_DELAY_SECONDS * 2**doublings, MAX_DELAY_SECONDS))
