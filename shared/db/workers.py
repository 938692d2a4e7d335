"""Live worker processes: one row each, updated by its heartbeat."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.queue_tables import workers

LIVENESS_TIMEOUT = timedelta(seconds=30)
"""A worker counts as live this long after its last heartbeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker process and the state that it last reported."""

    id: UUID
    name: str
    engine_stats: dict[str, Any]
    loaded_models: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the loaded weights, by version."""
    numerics: dict[str, str] = field(default_factory=dict)
    """The id of the arithmetic on this worker, by version."""
    load_errors: dict[str, str] = field(default_factory=dict)
    """Why promoted weights are not loaded, by version."""


class Workers:
    """The workers, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def upsert_heartbeat(self, worker: WorkerRow) -> None:
        """Record a heartbeat with the worker's state."""
        state = {
            "engine_stats": worker.engine_stats,
            "loaded_models": worker.loaded_models,
            "numerics": worker.numerics,
            "load_errors": worker.load_errors,
        }
        await self._connection.execute(
            insert(workers)
            .values(id=worker.id, name=worker.name, **state)
            .on_conflict_do_update(
                index_elements=["id"], set_={**state, "heartbeat_at": func.now()}
            )
        )

    async def record_canary(self, worker_id: UUID, model: str) -> bool:
        """Record that a fresh process has completed a canary; False if it has no row yet.

        The next claim of an isolated shard uses it up.
        """
        recorded = await self._connection.execute(
            update(workers)
            .where(workers.c.id == worker_id)
            .values(canary_model=model)
            .returning(workers.c.id)
        )
        return recorded.one_or_none() is not None

    async def deregister(self, worker_id: UUID) -> None:
        """Delete the row of a worker that shuts down."""
        await self._connection.execute(delete(workers).where(workers.c.id == worker_id))

    async def live(self) -> list[WorkerRow]:
        """The workers with a recent heartbeat, oldest first."""
        rows = await self._connection.execute(
            select(workers)
            .where(workers.c.heartbeat_at > func.now() - LIVENESS_TIMEOUT)
            .order_by(workers.c.started_at)
        )
        return [
            WorkerRow(
                id=row.id,
                name=row.name,
                engine_stats=row.engine_stats,
                loaded_models=row.loaded_models,
                numerics=row.numerics,
                load_errors=row.load_errors,
            )
            for row in rows
        ]

    async def delete_stale(self, age: timedelta) -> int:
        """Delete workers without a heartbeat for `age`; return the number of deleted rows."""
        deleted = await self._connection.execute(
            delete(workers).where(workers.c.heartbeat_at < func.now() - age).returning(workers.c.id)
        )
        return len(deleted.all())
