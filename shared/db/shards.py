"""Shards: claimed by compare-and-set, kept by a lease, finished under a fencing token.

`attempt` is the token (Kleppmann 2016, "How to do distributed locking"): each claim raises it,
and whoever comes back with an old one changes nothing. Refuses to know how a shard is worked on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.jobs import Jobs
from shared.db.outbox import Outbox, Promise
from shared.db.tables import jobs, primers, shards
from shared.schemas.generations import GenerationRequest
from shared.schemas.jobs import Failure, JobState, ShardState
from shared.schemas.messages import Hint
from shared.schemas.notes import Note

MAX_CRASHES = 3
"""Twice in company, once alone: whatever then still kills its process is poison."""
LOOK_AHEAD = 8
"""Waiting shards to choose from; several workers may be after the oldest."""

_SUSPECT = shards.c.crashes >= MAX_CRASHES - 1
_MODEL = jobs.c.request["model"].astext


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A shard that is ours until the lease ends."""

    shard_id: UUID
    job_id: UUID
    owner: str
    attempt: int
    first: int
    count: int
    crashes: int
    request: GenerationRequest
    primer: tuple[Note, ...] = ()

    @property
    def alone(self) -> bool:
        """It may be what kills processes: it runs with nothing beside it."""
        return self.crashes >= MAX_CRASHES - 1


class Shards:
    """The shards inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._jobs = Jobs(connection)

    async def waiting(
        self, queue: str, models: Collection[str], *, alone: bool
    ) -> list[tuple[UUID, int]]:
        """The oldest queued shards for these models with their attempts; suspects if `alone`."""
        rows = await self._connection.execute(
            select(shards.c.id, shards.c.attempt)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(
                shards.c.queue == queue,
                shards.c.state == ShardState.QUEUED,
                _MODEL.in_(models),
                true() if alone else ~_SUSPECT,
            )
            .order_by(shards.c.job_id, shards.c.first)
            .limit(LOOK_AHEAD)
        )
        return [(row.id, row.attempt) for row in rows]

    async def suspect_waits(self, models: Collection[str]) -> bool:
        """Whether a shard that has to run alone is waiting for a worker with these models."""
        found = await self._connection.scalar(
            select(shards.c.id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.state == ShardState.QUEUED, _MODEL.in_(models), _SUSPECT)
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
        state = await self._jobs.lock(job_id)
        taken = await self._connection.scalar(
            update(shards)
            .where(
                shards.c.id == shard_id,
                shards.c.attempt == attempt,
                shards.c.state == ShardState.QUEUED,
                true() if alone else ~_SUSPECT,
            )
            .values(
                state=ShardState.RUNNING,
                attempt=attempt + 1,
                worker_id=worker_id,
                lease_until=func.now() + lease,
            )
            .returning(shards.c.id)
        )
        if taken is None:
            return None
        if state is JobState.QUEUED:
            await self._jobs.move(job_id, JobState.RUNNING)
        return await self._claimed(shard_id)

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

    async def finish(self, claim: Claim, state: ShardState) -> bool:
        """Lock the job and end the claimed shard; False if the claim is no longer ours."""
        await self._jobs.lock(claim.job_id)
        ended = await self._connection.scalar(
            update(shards)
            .where(*_held(claim))
            .values(state=state, lease_until=None, worker_id=None)
            .returning(shards.c.id)
        )
        return ended is not None

    async def release(self, claim: Claim) -> None:
        """Give an unfinished shard back, uncounted: the next worker may have it."""
        if await self._jobs.lock(claim.job_id) is JobState.CANCELLING:
            await self._give_up(claim.job_id, claim.count, *_held(claim))
        else:
            await self._requeue(claim.job_id, 0, *_held(claim))

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

    async def crash(self, claim: Claim, cause: str) -> None:
        """Give back a shard that went wrong in our hands, and count the crash."""
        await self._crashed(claim.job_id, claim.shard_id, cause, *_held(claim))

    async def _crashed(
        self, job_id: UUID, shard_id: UUID, cause: str, *held: ColumnElement[bool]
    ) -> None:
        state = await self._jobs.lock(job_id)
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
            await self._jobs.count(job_id, cancelled=count)

    async def _bury(self, job_id: UUID, count: int, cause: str, *held: ColumnElement[bool]) -> None:
        if await self._end(ShardState.FAILED, held):
            detail = f"A part of the job failed {MAX_CRASHES} times, at last alone: {cause}."
            failure = Failure(code="poison", detail=detail)
            await self._jobs.count(job_id, failed=count, error=failure)

    async def _end(self, state: ShardState, held: Sequence[ColumnElement[bool]]) -> bool:
        ended = await self._connection.scalar(
            update(shards)
            .where(*held)
            .values(state=state, lease_until=None, worker_id=None)
            .returning(shards.c.id)
        )
        return ended is not None


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        shards.c.id == claim.shard_id,
        shards.c.attempt == claim.attempt,
        shards.c.state == ShardState.RUNNING,
    )
