"""Engravings as their owners see them, and the sheet music that came of each.

An engraving is a job of one shard. Refuses to know how music is engraved.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.engravings import Engraving, EngravingRequest
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.db.tables import engravings, jobs
from shared.errors import Conflict, NotFound

_JOB = [jobs.c[name] for name in ("id", "state", "error", "created_at", "finished_at")]
_TOGETHER = engravings.join(jobs, jobs.c.id == engravings.c.job_id)


class Engravings:
    """The engravings inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)

    async def accept(self, order: Order[EngravingRequest]) -> Engraving:
        """Write job, shard and hint; an idempotency key seen before gives its engraving again.

        Raises:
            IdempotencyMismatch: the key came with another body before.
        """
        job_id = await self._ledger.enter(order)
        assert job_id is not None  # noqa: S101 - engravings have no name that could be taken
        await self._connection.execute(
            upsert(engravings).values(job_id=job_id).on_conflict_do_nothing()
        )
        return await self.get(job_id, order.owner)

    async def get(self, engraving_id: UUID, owner: str) -> Engraving:
        """The engraving, if it is this owner's.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        mine = select(*_JOB).select_from(_TOGETHER)
        found = await self._connection.execute(
            mine.where(jobs.c.owner == owner, jobs.c.id == engraving_id)
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("engraving", engraving_id)
        return Engraving.model_validate(dict(row._mapping))  # noqa: SLF001 - a Row's public view

    async def keep(self, engraving_id: UUID, musicxml: str) -> None:
        """Keep what came of it."""
        await self._connection.execute(
            update(engravings).where(engravings.c.job_id == engraving_id).values(musicxml=musicxml)
        )

    async def musicxml(self, engraving_id: UUID, owner: str) -> str:
        """The sheet music of an engraving that has succeeded.

        Raises:
            NotFound: there is no such engraving, or it is somebody else's.
            Conflict: it has not succeeded.
        """
        engraving = await self.get(engraving_id, owner)
        document: str | None = await self._connection.scalar(
            select(engravings.c.musicxml).where(engravings.c.job_id == engraving_id)
        )
        if document is None:
            why = f": {engraving.error.detail}" if engraving.error else "; ask again later."
            raise Conflict(f"There is no sheet music: the engraving is {engraving.state}{why}")
        return document
