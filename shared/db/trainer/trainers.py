"""Live trainer processes: one row each, updated by its heartbeat."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.trainer_tables import trainers
from shared.db.workers import LIVENESS_TIMEOUT
from shared.worker_identity import WorkerIdentity


class Trainers:
    """The trainers, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def upsert_heartbeat(self, trainer: WorkerIdentity) -> None:
        """Record a heartbeat."""
        await self._connection.execute(
            insert(trainers)
            .values(id=trainer.id, name=trainer.name)
            .on_conflict_do_update(index_elements=["id"], set_={"heartbeat_at": func.now()})
        )

    async def deregister(self, trainer: WorkerIdentity) -> None:
        """Delete the row of a trainer that shuts down."""
        await self._connection.execute(delete(trainers).where(trainers.c.id == trainer.id))

    async def live(self) -> list[str]:
        """The names of the trainers with a recent heartbeat."""
        rows = await self._connection.scalars(
            select(trainers.c.name).where(trainers.c.heartbeat_at > func.now() - LIVENESS_TIMEOUT)
        )
        return list(rows)

    async def delete_stale(self, age: timedelta) -> None:
        """Delete trainers without a heartbeat for `age`."""
        await self._connection.execute(
            delete(trainers).where(trainers.c.heartbeat_at < func.now() - age)
        )
