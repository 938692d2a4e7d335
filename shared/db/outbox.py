"""What a transaction promised to say in Redis, kept until it was said.

Rows of one job leave in the order in which they were written: they are written under the job's row
lock, and taken under an advisory lock of the job. Refuses to know how a promise is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import outbox

PAGE = 500
"""Promises that are taken at once."""


class Promise(StrEnum):
    """What is to be said."""

    HINT = "hint"
    """A shard waits; payload: queue, hint."""
    JOB = "job"
    """A job changed its state; payload: state, pauses."""
    MELODY = "melody"
    """A melody is committed; payload: melody, id."""
    POINT = "point"
    """A training has another point on its curve; payload: the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One promise that is still to be kept."""

    id: int
    job_id: UUID
    kind: Promise
    payload: dict[str, Any]


class Outbox:
    """The promises inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, job_id: UUID, kind: Promise, payloads: Sequence[dict[str, Any]]) -> None:
        """Promise each payload, in order."""
        if payloads:
            rows = [{"job_id": job_id, "kind": kind, "payload": payload} for payload in payloads]
            await self._connection.execute(insert(outbox), rows)

    async def take(self, job_id: UUID) -> list[Entry]:
        """The job's oldest promises, a page of them, once nobody else tells of this job."""
        await self.lock(job_id)
        rows = await self._connection.execute(
            select(outbox.c.id, outbox.c.job_id, outbox.c.kind, outbox.c.payload)
            .where(outbox.c.job_id == job_id)
            .order_by(outbox.c.id)
            .limit(PAGE)
        )
        return [
            Entry(id=row.id, job_id=row.job_id, kind=Promise(row.kind), payload=row.payload)
            for row in rows
        ]

    async def lock(self, job_id: UUID) -> None:
        """Be the only one who tells of this job, until the transaction ends."""
        await self._connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(str(job_id), 0)))
        )

    async def drop(self, entries: Sequence[Entry]) -> None:
        """These promises are kept."""
        ids = [entry.id for entry in entries]
        await self._connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))

    async def overdue(self, age: timedelta) -> list[UUID]:
        """All jobs with a promise older than `age`, the longest waiting first."""
        rows = await self._connection.scalars(
            select(outbox.c.job_id)
            .where(outbox.c.created_at < func.now() - age)
            .group_by(outbox.c.job_id)
            .order_by(func.min(outbox.c.id))
        )
        return list(rows)
