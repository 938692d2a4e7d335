"""Deletes what is at the end of its lifetime, a bounded number of rows at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobKind, JobState
from shared.db.retention.job_deletion import delete_jobs, versions_by_training
from shared.db.tables.job_tables import jobs

PAGE_SIZE = 200
"""Rows that one statement looks at."""
SUCCESSFUL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL})

_ENDED = text(f"""
    SELECT id, state, finished_at FROM jobs
    WHERE kind = CAST(:kind AS text) AND finished_at IS NOT NULL
        AND finished_at < now() - CAST(:lifetime AS interval)
        AND (finished_at, id) > (CAST(:after_time AS timestamptz), CAST(:after_id AS uuid))
    ORDER BY finished_at, id LIMIT {PAGE_SIZE}
""")  # noqa: S608 - the limit is a constant, which the plan depends on
_PINNED = text("""
    SELECT DISTINCT job_id FROM melodies
    WHERE favourite AND job_id = ANY(CAST(:job_ids AS uuid[]))
""")
_OLD_PRIMERS = text(f"""
    SELECT id, created_at FROM primers
    WHERE created_at < now() - CAST(:lifetime AS interval)
        AND (created_at, id) > (CAST(:after_time AS timestamptz), CAST(:after_id AS uuid))
    ORDER BY created_at, id LIMIT {PAGE_SIZE}
""")  # noqa: S608 - as above
# Which primers its jobs use is not looked up: that would read all unfinished jobs of an owner.
_DELETE_PRIMERS = text("""
    DELETE FROM primers WHERE id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (
        SELECT FROM jobs
        WHERE jobs.owner = primers.owner AND jobs.kind IN ('generation', 'batch')
            AND jobs.state IN ('queued', 'running', 'paused')
    )
""")
_DELETE_TICKETS = text(f"""
    DELETE FROM tickets WHERE sha256 = ANY(ARRAY(
        SELECT sha256 FROM tickets WHERE expires_at < now() ORDER BY expires_at LIMIT {PAGE_SIZE}
    ))
""")  # noqa: S608 - as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last row that was looked at; the next page begins after it."""

    time: datetime
    id: UUID


START = Cursor(time=datetime(1970, 1, 1, tzinfo=UTC), id=UUID(int=0))
"""Before the first row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLifetime:
    """How long jobs of a kind are kept after their end."""

    kind: JobKind
    lifetime: timedelta
    only_unsuccessful: bool = False
    """Whether it is the lifetime of those only that produced nothing."""


async def ended_jobs(
    connection: AsyncConnection, rule: JobLifetime, after: Cursor
) -> tuple[list[UUID], Cursor | None]:
    """Jobs at the end of their lifetime, the oldest first, and where the next page begins.

    A page may have fewer jobs than it has looked at; after the last one the cursor is None.
    """
    parameters = {
        "kind": rule.kind,
        "lifetime": rule.lifetime,
        "after_time": after.time,
        "after_id": after.id,
    }
    rows = (await connection.execute(_ENDED, parameters)).all()
    found = [row.id for row in rows if not (rule.only_unsuccessful and row.state in SUCCESSFUL)]
    if rule.kind is JobKind.TRAINING and found:
        with_version = await versions_by_training(connection, found)
        found = [job_id for job_id in found if job_id not in with_version]
    is_last = len(rows) < PAGE_SIZE
    return found, None if is_last else Cursor(time=rows[-1].finished_at, id=rows[-1].id)


async def expire_jobs(connection: AsyncConnection, job_ids: Collection[UUID]) -> list[UUID]:
    """Delete jobs unless one of their melodies is a favourite; returns those that stay."""
    locked = await connection.scalars(
        select(jobs.c.id).where(jobs.c.id.in_(job_ids)).with_for_update(skip_locked=True)
    )
    candidates = set(locked)
    # A statement of its own sees the favourites that were marked before the jobs were locked
    pinned = set(await connection.scalars(_PINNED, {"job_ids": list(candidates)}))
    await delete_jobs(connection, candidates - pinned)
    return sorted(pinned)


async def expire_primers(
    connection: AsyncConnection, lifetime: timedelta, after: Cursor
) -> Cursor | None:
    """Delete old primers of owners without unfinished generations; returns the next cursor."""
    parameters = {"lifetime": lifetime, "after_time": after.time, "after_id": after.id}
    rows = (await connection.execute(_OLD_PRIMERS, parameters)).all()
    if rows:
        await connection.execute(_DELETE_PRIMERS, {"ids": [row.id for row in rows]})
    is_last = len(rows) < PAGE_SIZE
    return None if is_last else Cursor(time=rows[-1].created_at, id=rows[-1].id)


async def expire_tickets(connection: AsyncConnection) -> int:
    """Delete expired tickets, a bounded number; returns their number."""
    return (await connection.execute(_DELETE_TICKETS)).rowcount
