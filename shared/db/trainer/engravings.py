"""Engravings as clients see them, and their sheet music.

An engraving job has one shard.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.engravings import Engraving, EngravingRequest
from shared.db.job_queue.endings import with_job_state
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.tables.job_tables import jobs
from shared.db.tables.trainer_tables import engravings
from shared.errors import Conflict, NotFound

_JOB_COLUMNS = [
    jobs.c[name] for name in ("id", "state", "is_expired", "error", "created_at", "finished_at")
]
_JOINED = engravings.join(jobs, jobs.c.id == engravings.c.job_id)


class Engravings:
    """The engravings, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)

    async def create(self, new_job: NewJob[EngravingRequest]) -> Engraving:
        """Insert a job with its shard; for a known idempotency key, return the existing engraving.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        job_id = await self._job_store.insert(new_job)
        assert job_id is not None  # noqa: S101 - engraving jobs reserve no model version
        await self._connection.execute(
            upsert(engravings).values(job_id=job_id).on_conflict_do_nothing()
        )
        return await self.get(job_id, new_job.owner)

    async def find_by_idempotency_key(self, new_job: NewJob[EngravingRequest]) -> Engraving | None:
        """The engraving that was created with this idempotency key; None if the key is new.

        Raises:
            IdempotencyMismatch: the key was sent with another body before.
        """
        engraving_id = await self._job_store.find_by_idempotency_key(new_job)
        return None if engraving_id is None else await self.get(engraving_id, new_job.owner)

    async def get(self, engraving_id: UUID, owner: str) -> Engraving:
        """One of the owner's engravings.

        Raises:
            NotFound: the owner has no such engraving.
        """
        rows = await self._connection.execute(
            select(*_JOB_COLUMNS)
            .select_from(_JOINED)
            .where(jobs.c.owner == owner, jobs.c.id == engraving_id)
        )
        row = rows.one_or_none()
        if row is None:
            raise NotFound("engraving", engraving_id)
        values = with_job_state(dict(row._mapping))  # noqa: SLF001 - public API of Row
        return Engraving.model_validate(values)

    async def cancel(self, engraving_id: UUID, owner: str) -> Engraving:
        """Cancel an engraving. Idempotent.

        Raises:
            NotFound: the owner has no such engraving.
            Conflict: it has already ended otherwise.
        """
        await self.get(engraving_id, owner)
        await self._job_store.cancel(engraving_id)
        return await self.get(engraving_id, owner)

    async def save_result(self, engraving_id: UUID, musicxml: str) -> None:
        """Save the sheet music of an engraving."""
        await self._connection.execute(
            update(engravings).where(engravings.c.job_id == engraving_id).values(musicxml=musicxml)
        )

    async def musicxml(self, engraving_id: UUID, owner: str) -> str:
        """The sheet music of an engraving that has succeeded.

        Raises:
            NotFound: the owner has no such engraving.
            Conflict: it has not succeeded.
        """
        engraving = await self.get(engraving_id, owner)
        musicxml: str | None = await self._connection.scalar(
            select(engravings.c.musicxml).where(engravings.c.job_id == engraving_id)
        )
        if musicxml is None:
            advice = "submit it again." if engraving.is_terminal else "try again later."
            reason = f": {engraving.error.detail}" if engraving.error else f"; {advice}"
            raise Conflict(f"There is no sheet music: the engraving is {engraving.state}{reason}")
        return musicxml
