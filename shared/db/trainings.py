"""Trainings as their owners see them, and the curves that they draw.

A training is a job of one shard. Refuses to know how a model learns.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import Failure, JobState, Kind, ShardState
from ostinato.schemas.trainings import Training, TrainingPoint, TrainingRequest
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.db.outbox import Outbox, Promise
from shared.db.shard_leases import Lease, held_by
from shared.db.tables import jobs, points, shards
from shared.errors import Conflict, NotFound
from shared.messages import Hint

_POINT = [points.c[name] for name in TrainingPoint.model_fields]


class Trainings:
    """The trainings inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)
        self._outbox = Outbox(connection)

    async def accept(self, order: Order[TrainingRequest]) -> Training:
        """Write job, shard and hint; an idempotency key seen before gives its training again.

        Raises:
            IdempotencyMismatch: the key came with another body before.
            Conflict: another training makes, or has made, a version of this name.
        """
        training_id = await self._ledger.enter(order)
        if training_id is None:
            raise Conflict(
                f"version: another training makes {order.version}; choose another name.",
                field="version",
            )
        return await self.get(training_id, order.owner)

    async def accepted_before(self, order: Order[TrainingRequest]) -> Training | None:
        """The training that the order's idempotency key stands for; None if the key is new.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        training_id = await self._ledger.entered_before(order)
        return None if training_id is None else await self.get(training_id, order.owner)

    async def get(self, training_id: UUID, owner: str) -> Training:
        """The training, if it is this owner's.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        mine = _whole().where(jobs.c.id == training_id, *_mine(owner))
        row = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            raise NotFound("training", training_id)
        return _training(row)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Training]:
        """This owner's trainings, newest first, older than `before`."""
        query = _whole().where(*_mine(owner)).order_by(jobs.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(jobs.c.id < before)
        return [_training(row) for row in await self._connection.execute(query)]

    async def pause(self, training_id: UUID, owner: str) -> Training:
        """Let it wait; whoever runs it keeps what there is. Doing it twice changes nothing.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it has ended, or is about to.
        """
        await self.get(training_id, owner)
        state = await self._ledger.lock(training_id)
        if state in (JobState.QUEUED, JobState.RUNNING):
            await self._ledger.move(training_id, JobState.PAUSED)
        elif state is not JobState.PAUSED:
            raise Conflict(f"The training is {state}; there is nothing to pause.")
        return await self.get(training_id, owner)

    async def resume(self, training_id: UUID, owner: str) -> Training:
        """Let it go on, from its last checkpoint. Doing it twice changes nothing.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it has ended, or is about to.
        """
        await self.get(training_id, owner)
        state = await self._ledger.lock(training_id)
        if state is JobState.PAUSED:
            await self._go_on(training_id)
        elif state not in (JobState.QUEUED, JobState.RUNNING):
            raise Conflict(f"The training is {state}; there is nothing to resume.")
        return await self.get(training_id, owner)

    async def _go_on(self, training_id: UUID) -> None:
        """Back into the queue, or, where its trainer has not yet let go of it, to work."""
        row = (
            await self._connection.execute(
                select(shards.c.id, shards.c.attempt, shards.c.state, shards.c.queue).where(
                    shards.c.job_id == training_id
                )
            )
        ).one()
        if row.state == ShardState.RUNNING:
            await self._ledger.move(training_id, JobState.RUNNING)
            return
        await self._ledger.move(training_id, JobState.QUEUED)
        hint = Hint(shard_id=row.id, attempt=row.attempt).model_dump(mode="json")
        await self._outbox.add(training_id, Promise.HINT, [{"queue": row.queue, "hint": hint}])

    async def cancel(self, training_id: UUID, owner: str) -> Training:
        """Stop it for good; no version comes of it. Doing it twice changes nothing.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it has ended otherwise.
        """
        await self.get(training_id, owner)
        await self._ledger.give_up(training_id)
        return await self.get(training_id, owner)

    async def draw(self, lease: Lease, curve: list[TrainingPoint]) -> bool:
        """Add what is new of a curve and promise its events; False if the claim is not ours.

        Whoever gets further does not die of the music: crashes are counted from here on anew.
        """
        await self._ledger.lock(lease.job_id)
        ours = await self._connection.scalar(
            update(shards).where(*held_by(lease)).values(crashes=0).returning(shards.c.id)
        )
        if ours is None:
            return False
        rows = [{"job_id": lease.job_id, **point.model_dump()} for point in curve]
        new = await self._connection.execute(
            upsert(points).on_conflict_do_nothing().returning(*_POINT),
            rows,  # beside the statement, so that it is sent as often as its arguments ask for
        )
        fresh = sorted(map(_known_point, new), key=lambda point: point.step)
        payloads = [point.model_dump(mode="json") for point in fresh]
        await self._outbox.add(lease.job_id, Promise.POINT, payloads)
        return True

    async def curve(self, training_id: UUID, *, after: int, limit: int) -> list[TrainingPoint]:
        """The points of a training in order, from the one after step `after`."""
        rows = await self._connection.execute(
            select(*_POINT)
            .where(points.c.job_id == training_id, points.c.step > after)
            .order_by(points.c.step)
            .limit(limit)
        )
        return [_known_point(row) for row in rows]


def _mine(owner: str) -> tuple[ColumnElement[bool], ...]:
    return jobs.c.owner == owner, jobs.c.kind == Kind.TRAINING


def _whole() -> Select[Any]:
    """Each job beside the last point of its curve and the lowest."""
    mine = select(*_POINT).where(points.c.job_id == jobs.c.id).limit(1)
    latest = mine.order_by(points.c.step.desc()).lateral("latest")
    best = mine.order_by(points.c.held_out_nats_per_note).lateral("best")
    columns = [
        each.label(f"{point.name}_{each.name}") for point in (latest, best) for each in point.c
    ]
    together = jobs.outerjoin(latest, true()).outerjoin(best, true())
    return select(jobs, *columns).select_from(together)


def _training(row: Row[Any]) -> Training:
    return Training(
        id=row.id,
        state=JobState(row.state),
        request=TrainingRequest.model_validate(row.request),
        latest=_point(row, "latest_"),
        best=_point(row, "best_"),
        error=None if row.error is None else Failure.model_validate(row.error),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _point(row: Row[Any], prefix: str) -> TrainingPoint | None:
    values = row._mapping  # noqa: SLF001 - a Row's public view
    if values[f"{prefix}step"] is None:
        return None
    return TrainingPoint(**{name: values[prefix + name] for name in TrainingPoint.model_fields})


def _known_point(row: Row[Any]) -> TrainingPoint:
    return TrainingPoint.model_validate(dict(row._mapping))  # noqa: SLF001 - a Row's public view
