"""Evaluations as their owners see them, and what came of each.

An evaluation is a job of one shard. Refuses to know how a version is judged.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.evaluations import Evaluation, EvaluationRequest, Samples
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.db.tables import evaluations, jobs
from shared.errors import NotFound

_JOB = [
    jobs.c[name]
    for name in ("id", "state", "request", "error", "created_at", "started_at", "finished_at")
]
_OUTCOME = [evaluations.c[name] for name in ("version", "model_sha256", "samples")]


class Evaluations:
    """The evaluations inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)

    async def accept(
        self, order: Order[EvaluationRequest], *, version: str, model_sha256: str
    ) -> Evaluation:
        """Write job, shard and hint; an idempotency key seen before gives its evaluation again.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        evaluation_id = await self._ledger.enter(order)
        assert evaluation_id is not None  # noqa: S101 - evaluations have no name that could be taken
        judged = {"version": version, "model_sha256": model_sha256}
        await self._connection.execute(
            upsert(evaluations).values(job_id=evaluation_id, **judged).on_conflict_do_nothing()
        )
        return await self.get(evaluation_id, order.owner)

    async def accepted_before(self, order: Order[EvaluationRequest]) -> Evaluation | None:
        """The evaluation that the order's idempotency key stands for; None if the key is new.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        evaluation_id = await self._ledger.entered_before(order)
        return None if evaluation_id is None else await self.get(evaluation_id, order.owner)

    async def get(self, evaluation_id: UUID, owner: str) -> Evaluation:
        """The evaluation, if it is this owner's.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        mine = _of(owner).where(jobs.c.id == evaluation_id)
        row = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            raise NotFound("evaluation", evaluation_id)
        return _evaluation(row)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Evaluation]:
        """This owner's evaluations, newest first, older than `before`."""
        query = _of(owner).order_by(jobs.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(jobs.c.id < before)
        return [_evaluation(row) for row in await self._connection.execute(query)]

    async def keep(self, evaluation_id: UUID, samples: Samples) -> None:
        """Keep what came of it."""
        await self._connection.execute(
            update(evaluations)
            .where(evaluations.c.job_id == evaluation_id)
            .values(samples=samples.model_dump(mode="json"))
        )


def _of(owner: str) -> Select[Any]:
    together = evaluations.join(jobs, jobs.c.id == evaluations.c.job_id)
    return select(*_JOB, *_OUTCOME).select_from(together).where(jobs.c.owner == owner)


def _evaluation(row: Row[Any]) -> Evaluation:
    return Evaluation.model_validate(dict(row._mapping))  # noqa: SLF001 - a Row's public view
