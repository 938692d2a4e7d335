"""The metrics of every process: one row each, updated while it lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.process_tables import process_metrics

REPORT_INTERVAL_SECONDS = 10.0
LIVENESS_TIMEOUT = timedelta(seconds=35)
"""A process counts as live this long after its last report: it may miss two."""
MAX_PROCESSES = 1000
"""Rows that one call reads: the newest."""

_AGES = text(f"""
    SELECT service, name, extract(epoch FROM now() - reported_at)::float8 AS seconds
    FROM process_metrics ORDER BY reported_at DESC LIMIT {MAX_PROCESSES}
""")  # noqa: S608 - the limit is a constant


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """What a process reported last."""

    service: str
    name: str
    """Process id and host."""
    samples: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessAge:
    """How long ago a process reported last."""

    service: str
    name: str
    seconds: float


class ProcessMetrics:
    """The processes, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def report(
        self, process_id: UUID, service: str, name: str, samples: Mapping[str, Any]
    ) -> None:
        """Record that the process lives, with its metrics."""
        await self._connection.execute(
            insert(process_metrics)
            .values(id=process_id, service=service, name=name, samples=samples)
            .on_conflict_do_update(
                index_elements=["id"], set_={"samples": samples, "reported_at": func.now()}
            )
        )

    async def deregister(self, process_id: UUID) -> None:
        """Delete the row of a process that shuts down."""
        await self._connection.execute(
            delete(process_metrics).where(process_metrics.c.id == process_id)
        )

    async def live(self) -> list[ProcessRow]:
        """The processes with a recent report."""
        rows = await self._connection.execute(
            select(process_metrics)
            .where(process_metrics.c.reported_at > func.now() - LIVENESS_TIMEOUT)
            .order_by(process_metrics.c.reported_at.desc())
            .limit(MAX_PROCESSES)
        )
        return [ProcessRow(service=row.service, name=row.name, samples=row.samples) for row in rows]

    async def ages(self) -> list[ProcessAge]:
        """The ages of the last reports, the youngest first; also of processes that have died."""
        rows = await self._connection.execute(_AGES)
        return [ProcessAge(service=row.service, name=row.name, seconds=row.seconds) for row in rows]

    async def delete_stale(self, age: timedelta) -> None:
        """Delete the rows of processes without a report for `age`."""
        await self._connection.execute(
            delete(process_metrics).where(process_metrics.c.reported_at < func.now() - age)
        )
