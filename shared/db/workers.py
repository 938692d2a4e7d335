"""Workers: one row a process, renewed by its heartbeat; how the operator sees who is alive."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import workers

ALIVE = timedelta(seconds=30)
"""A worker is taken for alive this long after its last heartbeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker process and what its engine last said of itself."""

    id: UUID
    name: str
    engine: dict[str, Any]
    resident: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of the weights that each version is played with."""
    numerics: dict[str, str] = field(default_factory=dict)
    """The arithmetic of each version here."""
    refused: dict[str, str] = field(default_factory=dict)
    """Why promoted weights are not played, by version."""


class Workers:
    """The workers inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def beat(self, worker: WorkerRow) -> None:
        """The worker is alive now."""
        state = {
            "engine": worker.engine,
            "resident": worker.resident,
            "numerics": worker.numerics,
            "refused": worker.refused,
        }
        await self._connection.execute(
            insert(workers)
            .values(id=worker.id, name=worker.name, **state)
            .on_conflict_do_update(
                index_elements=["id"], set_={**state, "heartbeat_at": func.now()}
            )
        )

    async def leave(self, worker_id: UUID) -> None:
        """The worker has ended well."""
        await self._connection.execute(delete(workers).where(workers.c.id == worker_id))

    async def alive(self) -> list[WorkerRow]:
        """The workers that gave a sign of life lately, oldest first."""
        rows = await self._connection.execute(
            select(workers)
            .where(workers.c.heartbeat_at > func.now() - ALIVE)
            .order_by(workers.c.started_at)
        )
        return [
            WorkerRow(
                id=row.id,
                name=row.name,
                engine=row.engine,
                resident=row.resident,
                numerics=row.numerics,
                refused=row.refused,
            )
            for row in rows
        ]

    async def forget(self, age: timedelta) -> int:
        """Drop the rows of workers that have been silent for `age`; how many."""
        gone = await self._connection.execute(
            delete(workers).where(workers.c.heartbeat_at < func.now() - age).returning(workers.c.id)
        )
        return len(gone.all())
