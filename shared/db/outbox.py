"""Transactional outbox: messages for Redis, stored with their causes.

The messages of one job are published in the order in which they were written: they are inserted
under the lock of the job's row, and fetched under an advisory lock of the job.
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

FETCH_LIMIT = 500
"""The most messages that one call of `fetch` returns."""


class MessageKind(StrEnum):
    """What a message is about."""

    NOTIFICATION = "notification"
    """A shard is queued; payload: queue, notification."""
    JOB = "job"
    """A job changed its state; payload: state, pause_count."""
    MELODY = "melody"
    """A melody is committed; payload: melody, id, streamed, and the fields of `MelodyStats`."""
    METRICS = "metrics"
    """A training was validated; payload: `TrainingMetrics`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A message that is not published yet."""

    id: int
    job_id: UUID
    kind: MessageKind
    payload: dict[str, Any]


class Outbox:
    """The outbox, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, job_id: UUID, kind: MessageKind, payloads: Sequence[dict[str, Any]]
    ) -> None:
        """Insert a message per payload, in order."""
        if payloads:
            rows = [{"job_id": job_id, "kind": kind, "payload": payload} for payload in payloads]
            await self._connection.execute(insert(outbox), rows)

    async def fetch(self, job_id: UUID) -> list[OutboxMessage]:
        """Lock the job's messages and return the oldest, at most `FETCH_LIMIT`."""
        await self.lock(job_id)
        rows = await self._connection.execute(
            select(outbox.c.id, outbox.c.job_id, outbox.c.kind, outbox.c.payload)
            .where(outbox.c.job_id == job_id)
            .order_by(outbox.c.id)
            .limit(FETCH_LIMIT)
        )
        return [
            OutboxMessage(
                id=row.id, job_id=row.job_id, kind=MessageKind(row.kind), payload=row.payload
            )
            for row in rows
        ]

    async def lock(self, job_id: UUID) -> None:
        """Let only this transaction publish messages of the job until it ends."""
        await self._connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(str(job_id), 0)))
        )

    async def delete(self, messages: Sequence[OutboxMessage]) -> None:
        """Delete messages that are published."""
        ids = [message.id for message in messages]
        await self._connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))

    async def older_than(self, age: timedelta) -> list[UUID]:
        """Jobs with a message older than `age`, the one with the oldest message first."""
        rows = await self._connection.scalars(
            select(outbox.c.job_id)
            .where(outbox.c.created_at < func.now() - age)
            .group_by(outbox.c.job_id)
            .order_by(func.min(outbox.c.id))
        )
        return list(rows)
