"""Transactional outbox: messages for Redis, stored with their causes.

The messages of one job are published in the order in which they were written: they are inserted
under the lock of the job's row, and taken under an advisory lock of the job.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.driver import Connection, Statement, fetch
from shared.db.tables.job_tables import outbox

TAKE_LIMIT = 500
"""The most messages that one call of `take` returns."""
OVERDUE_LIMIT = 1000
"""The most messages that one call of `overdue` looks at."""

# A job whose messages another process publishes now is skipped.
_TAKE = Statement(
    text(f"""
    WITH locked AS MATERIALIZED (
        SELECT job_id FROM unnest(CAST(:job_ids AS uuid[])) AS wanted (job_id)
        WHERE pg_try_advisory_xact_lock(hashtextextended(CAST(job_id AS text), 0))
    ), oldest AS (
        SELECT message.id FROM locked CROSS JOIN LATERAL (
            SELECT id FROM outbox WHERE job_id = locked.job_id
            ORDER BY id LIMIT {TAKE_LIMIT}
        ) AS message
        LIMIT {TAKE_LIMIT}
    ), messages AS (
        DELETE FROM outbox USING oldest WHERE outbox.id = oldest.id
        RETURNING outbox.id, job_id, kind, payload
    )
    SELECT locked.job_id, messages.id, messages.kind, messages.payload
    FROM locked LEFT JOIN messages USING (job_id)
    ORDER BY messages.id
""")  # noqa: S608 - the limit is a constant, which the plan depends on
)
_OVERDUE = text(f"""
    SELECT id, job_id, created_at < now() - CAST(:age AS interval) AS is_overdue
    FROM outbox WHERE id > CAST(:after AS bigint) ORDER BY id LIMIT {OVERDUE_LIMIT}
""")  # noqa: S608 - as above

_OLDEST_AGE = text("""
    SELECT extract(epoch FROM now() - created_at)::float8 FROM outbox ORDER BY id LIMIT 1
""")


class MessageKind(StrEnum):
    """What a message is about."""

    NOTIFICATION = "notification"
    """A shard is queued again; payload: queue, shards."""
    JOB = "job"
    """A job changed its state; payload: state, pause_count; for a new job also queue, shards;
    for one that expired also expired, beside the state `cancelled`."""
    MELODY = "melody"
    """A melody is committed; payload: melody, id, streamed, and the fields of `MelodyStats`; for a
    partial one also partial."""
    COUNTS = "counts"
    """Melodies of a batch have ended; payload: succeeded, failed, cancelled; at its deadline also
    expired."""
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
        await self.add_of_jobs(kind, [(job_id, payload) for payload in payloads])

    async def add_of_jobs(
        self, kind: MessageKind, messages: Sequence[tuple[UUID, dict[str, Any]]]
    ) -> None:
        """Insert messages, each a job and a payload, in order."""
        if messages:
            rows = [
                {"job_id": job_id, "kind": kind, "payload": payload} for job_id, payload in messages
            ]
            await self._connection.execute(insert(outbox), rows)

    async def lock(self, job_id: UUID) -> None:
        """Let only this transaction publish messages of the job until it ends."""
        await self._connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(str(job_id), 0)))
        )

    async def oldest_age(self) -> float:
        """Seconds since the oldest message was written; 0 without one."""
        return float(await self._connection.scalar(_OLDEST_AGE) or 0.0)

    async def overdue(self, age: timedelta, *, after: int = 0) -> tuple[list[UUID], int | None]:
        """Jobs with messages older than `age`, the oldest first, and where to continue.

        The search looks at `OVERDUE_LIMIT` messages after the one with the id `after`. The next
        call continues after the returned id, which is None after the last message.
        """
        parameters = {"age": age, "after": after}
        rows = (await self._connection.execute(_OVERDUE, parameters)).all()
        jobs = dict.fromkeys(row.job_id for row in rows if row.is_overdue)
        return list(jobs), rows[-1].id if len(rows) == OVERDUE_LIMIT else None


async def take_messages(
    connection: Connection, job_ids: Collection[UUID]
) -> tuple[list[OutboxMessage], set[UUID]]:
    """Delete and return the oldest messages of these jobs, and the jobs that were locked.

    There are at most `TAKE_LIMIT` messages; the caller publishes them before the transaction ends.
    The jobs whose messages another process publishes at the moment are not locked.
    """
    rows = await fetch(connection, _TAKE, {"job_ids": list(job_ids)})
    messages = [
        OutboxMessage(
            id=row["id"],
            job_id=row["job_id"],
            kind=MessageKind(row["kind"]),
            payload=row["payload"],
        )
        for row in rows
        if row["id"] is not None
    ]
    return messages, {row["job_id"] for row in rows}
