"""The ledger: every job, whatever it makes, from its acceptance to its end.

A job never moves against `LEGAL_MOVES`, and what it has to say is promised where it is written.
Refuses to know what a job makes and who works on it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import SHARD_SIZE, Priority
from ostinato.schemas.jobs import LEGAL_MOVES, Failure, JobState, Kind, ShardState
from shared.db.new_job import Order
from shared.db.outbox import Outbox, Promise
from shared.db.tables import jobs, shards
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from shared.ids import new_id
from shared.messages import Hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What there is to say of a job of any kind."""

    id: UUID
    kind: Kind
    state: JobState
    pauses: int
    """How often it was paused."""
    has_started: bool
    is_streamed: bool
    """Whether somebody hears its notes while they are written."""


class Ledger:
    """The jobs of every kind inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)

    async def enter(self, order: Order[Any]) -> UUID | None:
        """Write down an order of any kind, unless its key was; None if its version is taken.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        job_id = await self._connection.scalar(
            upsert(jobs)
            .values(
                id=order.job_id,
                kind=order.kind,
                owner=order.owner,
                state=JobState.QUEUED,
                priority=order.priority,
                request=order.request.model_dump(mode="json"),
                num_melodies=order.size,
                version=order.version,
                idempotency_key=order.idempotency_key,
                request_sha256=order.digest,
                traceparent=order.traceparent,
            )
            .on_conflict_do_nothing()
            .returning(jobs.c.id)
        )
        if job_id is None:
            return await self.entered_before(order)
        await self._cut(job_id, order)
        return order.job_id

    async def entered_before(self, order: Order[Any]) -> UUID | None:
        """The id of the job that the order's idempotency key stands for; None if the key is new.

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
        return UUID(str(row.id))

    async def _cut(self, job_id: UUID, order: Order[Any]) -> None:
        """Cut the job into shards of at most `SHARD_SIZE` and promise a hint for each."""
        rows = [
            {
                "id": new_id(),
                "job_id": job_id,
                "queue": order.queue,
                "first": first,
                "size": min(SHARD_SIZE, order.size - first),
                "state": ShardState.QUEUED,
            }
            for first in range(0, order.size, SHARD_SIZE)
        ]
        await self._connection.execute(insert(shards), rows)
        await self._outbox.add(job_id, Promise.JOB, [{"state": JobState.QUEUED}])
        hints = [Hint(shard_id=row["id"], attempt=0, traceparent=order.traceparent) for row in rows]
        await self._outbox.add(
            job_id,
            Promise.HINT,
            [{"queue": order.queue, "hint": hint.model_dump(mode="json")} for hint in hints],
        )

    async def outline(self, job_id: UUID, owner: str) -> Outline:
        """What there is to say of a job of any kind, if it is this owner's.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        mine = select(jobs).where(jobs.c.id == job_id, jobs.c.owner == owner)
        row = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            raise NotFound("job", job_id)
        return Outline(
            id=row.id,
            kind=Kind(row.kind),
            state=JobState(row.state),
            pauses=row.pauses,
            has_started=row.started_at is not None,
            is_streamed=row.priority == Priority.INTERACTIVE,
        )

    async def give_up(self, job_id: UUID) -> None:
        """Cancel a job of any kind; doing it twice changes nothing.

        Raises:
            Conflict: it has ended otherwise.
        """
        state = await self.lock(job_id)
        if state in (JobState.CANCELLED, JobState.CANCELLING):
            return
        if state.is_terminal:
            raise Conflict(f"The job has already {state}; there is nothing to cancel.")
        dropped = await self._connection.execute(
            update(shards)
            .where(shards.c.job_id == job_id, shards.c.state == ShardState.QUEUED)
            .values(state=ShardState.CANCELLED)
            .returning(shards.c.size)
        )
        if state is not JobState.QUEUED:
            await self.move(job_id, JobState.CANCELLING)
        await self.count(job_id, cancelled=sum(dropped.scalars()))

    async def unfinished(self, owner: str, kind: Kind) -> int:
        """How many jobs of a kind this owner is still waiting for."""
        count = await self._connection.scalar(
            select(func.count()).where(
                jobs.c.owner == owner, jobs.c.kind == kind, jobs.c.state.in_([*LEGAL_MOVES])
            )
        )
        return int(count or 0)

    async def overdue(self) -> list[UUID]:
        """Jobs that go on although their deadline has passed."""
        deadline = jobs.c.request["deadline_seconds"].as_integer()
        rows = await self._connection.scalars(
            select(jobs.c.id).where(
                jobs.c.state.in_((JobState.QUEUED, JobState.RUNNING)),
                jobs.c.created_at + func.make_interval(0, 0, 0, 0, 0, 0, deadline) < func.now(),
            )
        )
        return list(rows)

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
            values["started_at"] = func.coalesce(jobs.c.started_at, func.now())
        if state is JobState.PAUSED:
            values["pauses"] = jobs.c.pauses + 1
        if state.is_terminal:
            values["finished_at"] = func.now()
        if error is not None:
            values["error"] = error.model_dump()
        pauses = await self._connection.scalar(
            update(jobs).where(jobs.c.id == job_id).values(values).returning(jobs.c.pauses)
        )
        await self._outbox.add(job_id, Promise.JOB, [{"state": state, "pauses": pauses}])

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
