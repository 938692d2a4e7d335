"""Trainings as clients see them, and their validation metrics.

A training job has one shard.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobError, JobKind
from ostinato.schemas.trainings import Training, TrainingMetrics, TrainingRequest
from shared.db.job_queue.endings import job_state
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.leased_shard import LeasedShard, held_under
from shared.db.new_job import NewJob
from shared.db.outbox import MessageKind, Outbox
from shared.db.owner_pages import newest_of_owner
from shared.db.tables.job_tables import jobs
from shared.db.tables.queue_tables import shards
from shared.db.tables.trainer_tables import training_metrics
from shared.errors import Conflict, NotFound

_METRICS_COLUMNS = [training_metrics.c[name] for name in TrainingMetrics.model_fields]


class Trainings:
    """The trainings, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)
        self._outbox = Outbox(connection)

    async def create(self, new_job: NewJob[TrainingRequest]) -> Training:
        """Insert a job with its shard; for a known idempotency key, return the existing training.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
            Conflict: another training produces, or has produced, this version.
        """
        training_id = await self._job_store.insert(new_job)
        if training_id is None:
            raise Conflict(
                f"version: {new_job.version} is in use; choose another name.",
                field="version",
            )
        return await self.get(training_id, new_job.owner)

    async def find_by_idempotency_key(self, new_job: NewJob[TrainingRequest]) -> Training | None:
        """The training that was created with this idempotency key; None if the key is new.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        training_id = await self._job_store.find_by_idempotency_key(new_job)
        return None if training_id is None else await self.get(training_id, new_job.owner)

    async def get(self, training_id: UUID, owner: str) -> Training:
        """One of the owner's trainings.

        Raises:
            NotFound: the owner has no such training.
        """
        query = _with_metrics().where(
            jobs.c.id == training_id, jobs.c.owner == owner, jobs.c.kind == JobKind.TRAINING
        )
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("training", training_id)
        return _training(row)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Training]:
        """The owner's trainings, newest first, older than `before`."""
        query = newest_of_owner(_with_metrics(), jobs, owner, before=before, limit=limit)
        query = query.where(jobs.c.kind == JobKind.TRAINING)
        return [_training(row) for row in await self._connection.execute(query)]

    async def pause(self, training_id: UUID, owner: str) -> Training:
        """Pause a training: its trainer saves a checkpoint and releases the shard. Idempotent.

        Raises:
            NotFound: the owner has no such training.
            Conflict: it has ended, or is being cancelled.
        """
        await self.get(training_id, owner)
        await self._job_store.pause(training_id)
        return await self.get(training_id, owner)

    async def resume(self, training_id: UUID, owner: str) -> Training:
        """Continue a paused training from its last checkpoint. Idempotent.

        Raises:
            NotFound: the owner has no such training.
            Conflict: it has ended, or is being cancelled.
        """
        await self.get(training_id, owner)
        await self._job_store.resume(training_id)
        return await self.get(training_id, owner)

    async def cancel(self, training_id: UUID, owner: str) -> Training:
        """Cancel a training; it produces no version. Idempotent.

        Raises:
            NotFound: the owner has no such training.
            Conflict: it has already ended otherwise.
        """
        await self.get(training_id, owner)
        await self._job_store.cancel(training_id)
        return await self.get(training_id, owner)

    async def add_metrics(self, shard: LeasedShard, metrics: list[TrainingMetrics]) -> bool:
        """Insert new metrics and their events; False if the trainer has lost the lease.

        Progress resets the counters: a run that advances between failed attempts is not poison.
        """
        await self._job_store.lock(shard.job_id)
        held = await self._connection.scalar(
            update(shards)
            .where(*held_under(shard))
            .values(crashes=0, failed_attempts=0)
            .returning(shards.c.id)
        )
        if held is None:
            return False
        rows = [{"job_id": shard.job_id, **item.model_dump()} for item in metrics]
        inserted = await self._connection.execute(
            upsert(training_metrics).on_conflict_do_nothing().returning(*_METRICS_COLUMNS),
            rows,  # not in .values(), so that SQLAlchemy splits it by the number of bind parameters
        )
        new = sorted(map(_metrics, inserted), key=lambda item: item.step)
        payloads = [item.model_dump(mode="json") for item in new]
        await self._outbox.add(shard.job_id, MessageKind.METRICS, payloads)
        return True

    async def metrics(self, training_id: UUID, *, after: int, limit: int) -> list[TrainingMetrics]:
        """The metrics of a training in order, after step `after`."""
        rows = await self._connection.execute(
            select(*_METRICS_COLUMNS)
            .where(training_metrics.c.job_id == training_id, training_metrics.c.step > after)
            .order_by(training_metrics.c.step)
            .limit(limit)
        )
        return [_metrics(row) for row in rows]


def _with_metrics() -> Select[Any]:
    """Each job with its latest metrics and those with the lowest held-out loss."""
    metrics = select(*_METRICS_COLUMNS).where(training_metrics.c.job_id == jobs.c.id).limit(1)
    latest = metrics.order_by(training_metrics.c.step.desc()).lateral("latest")
    best = metrics.order_by(training_metrics.c.held_out_nats_per_note).lateral("best")
    columns = [
        column.label(f"{source.name}_{column.name}")
        for source in (latest, best)
        for column in source.c
    ]
    joined = jobs.outerjoin(latest, true()).outerjoin(best, true())
    return select(jobs, *columns).select_from(joined)


def _training(row: Row[Any]) -> Training:
    return Training(
        id=row.id,
        state=job_state(row.state, is_expired=row.is_expired),
        request=TrainingRequest.model_validate(row.request),
        latest=_prefixed_metrics(row, "latest_"),
        best=_prefixed_metrics(row, "best_"),
        error=None if row.error is None else JobError.model_validate(row.error),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _prefixed_metrics(row: Row[Any], prefix: str) -> TrainingMetrics | None:
    values = row._mapping  # noqa: SLF001 - public API of Row, despite its name
    if values[f"{prefix}step"] is None:
        return None
    return TrainingMetrics(**{name: values[prefix + name] for name in TrainingMetrics.model_fields})


def _metrics(row: Row[Any]) -> TrainingMetrics:
    return TrainingMetrics.model_validate(dict(row._mapping))  # noqa: SLF001 - public API of Row
