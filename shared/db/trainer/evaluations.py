"""Evaluations as clients see them, and their results.

An evaluation job has one shard.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.evaluations import Evaluation, EvaluationRequest, SampleEvaluation
from ostinato.schemas.jobs import JobKind
from shared.db.job_queue.endings import with_job_state
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.owner_pages import newest_of_owner
from shared.db.tables.job_tables import jobs
from shared.db.tables.model_tables import models
from shared.db.tables.trainer_tables import evaluations
from shared.errors import NotFound

_JOB_COLUMNS = [
    *(jobs.c[name] for name in ("id", "state", "is_expired", "request", "error")),
    *(jobs.c[name] for name in ("created_at", "started_at", "finished_at")),
]
_RESULT_COLUMNS = [evaluations.c[name] for name in ("version", "model_sha256", "samples")]


class Evaluations:
    """The evaluations, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)

    async def create(
        self,
        new_job: NewJob[EvaluationRequest],
        *,
        version: str,
        model_sha256: str,
        by_admin: bool = True,
    ) -> Evaluation:
        """Insert a job with its shard; for a known idempotency key, return the existing evaluation.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        evaluation_id = await self._job_store.insert(new_job)
        assert evaluation_id is not None  # noqa: S101 - evaluation jobs reserve no model version
        model = {
            "version": version,
            "model_sha256": model_sha256,
            "by_admin": by_admin,
        }
        await self._connection.execute(
            upsert(evaluations).values(job_id=evaluation_id, **model).on_conflict_do_nothing()
        )
        return await self.get(evaluation_id, new_job.owner)

    async def find_by_idempotency_key(
        self, new_job: NewJob[EvaluationRequest]
    ) -> Evaluation | None:
        """The evaluation that was created with this idempotency key; None if the key is new.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        evaluation_id = await self._job_store.find_by_idempotency_key(new_job)
        return None if evaluation_id is None else await self.get(evaluation_id, new_job.owner)

    async def get(self, evaluation_id: UUID, owner: str) -> Evaluation:
        """One of the owner's evaluations.

        Raises:
            NotFound: the owner has no such evaluation.
        """
        query = _select().where(jobs.c.id == evaluation_id, jobs.c.owner == owner)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("evaluation", evaluation_id)
        return _evaluation(row)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Evaluation]:
        """The owner's evaluations, newest first, older than `before`."""
        query = newest_of_owner(_select(), jobs, owner, before=before, limit=limit)
        query = query.where(jobs.c.kind == JobKind.EVALUATION)
        return [_evaluation(row) for row in await self._connection.execute(query)]

    async def cancel(self, evaluation_id: UUID, owner: str) -> Evaluation:
        """Cancel an evaluation; it changes no card. Idempotent.

        Raises:
            NotFound: the owner has no such evaluation.
            Conflict: it has already ended otherwise.
        """
        await self.get(evaluation_id, owner)
        await self._job_store.cancel(evaluation_id)
        return await self.get(evaluation_id, owner)

    async def may_update_card(self, evaluation_id: UUID) -> bool:
        """Whether an evaluation may change what others read of its version.

        An admin's may, and that of the owner of a version that is not published, now.
        """
        query = (
            select(evaluations.c.by_admin, jobs.c.owner, models.c.owner.label("version_owner"))
            .join(jobs, jobs.c.id == evaluations.c.job_id)
            .outerjoin(models, models.c.version == evaluations.c.version)
            .where(evaluations.c.job_id == evaluation_id)
        )
        rows = (await self._connection.execute(query)).all()
        return all(row.by_admin or row.owner == row.version_owner for row in rows)

    async def save_result(self, evaluation_id: UUID, samples: SampleEvaluation) -> None:
        """Save the result of an evaluation."""
        await self._connection.execute(
            update(evaluations)
            .where(evaluations.c.job_id == evaluation_id)
            .values(samples=samples.model_dump(mode="json"))
        )


def _select() -> Select[Any]:
    """Each evaluation with its job; LATERAL, so that no page reads all evaluations."""
    result = select(*_RESULT_COLUMNS).where(evaluations.c.job_id == jobs.c.id).limit(1)
    results = result.lateral("results")
    return select(*_JOB_COLUMNS, *results.c).select_from(jobs.join(results, true()))


def _evaluation(row: Row[Any]) -> Evaluation:
    values = with_job_state(dict(row._mapping))  # noqa: SLF001 - public API of Row
    return Evaluation.model_validate(values)
