"""Counts what statements read, by the statistics that PostgreSQL keeps itself.

The counters are exact and do not depend on time. They belong to a database, in which nothing else
may run meanwhile.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database

_FLUSH = text("SELECT pg_stat_force_next_flush()")
_COUNTERS = text("""
    SELECT relname AS table, coalesce(seq_scan, 0) AS scans,
        coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
            + coalesce(index_entries, 0)::bigint AS rows,
        coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0)
            + coalesce(idx_blks_hit, 0) AS pages
    FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid, relname)
    LEFT JOIN (
        SELECT relid, sum(idx_tup_read) AS index_entries FROM pg_stat_user_indexes GROUP BY relid
    ) AS indexes USING (relid)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What was read, by table."""

    scans: Counter[str]
    """Sequential scans."""
    rows: int
    """Rows and index entries of all tables."""
    pages: int
    """Pages of all tables and of their indexes, in memory or not."""


async def count_reads(
    database: Database, observer: AsyncConnection, run: Callable[[], Awaitable[Any]]
) -> Reads:
    """Run statements on the only connection of `database`, and count what they read.

    `observer` is another connection. PostgreSQL reports the counters of a connection when it
    becomes idle, at most once a second unless it is asked; those of the observer are reported
    before, because it may have prepared what the statements read.
    """
    await observer.execute(_FLUSH)
    await _flush(database)
    before = await _counters(observer)
    await run()
    await _flush(database)
    after = await _counters(observer)
    changes = {
        table: [new - old for new, old in zip(values, before[table], strict=True)]
        for table, values in after.items()
    }
    return Reads(
        scans=Counter({table: scans for table, (scans, _, _) in changes.items() if scans}),
        rows=sum(rows for _, rows, _ in changes.values()),
        pages=sum(pages for _, _, pages in changes.values()),
    )


async def _flush(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(_FLUSH)


async def _counters(observer: AsyncConnection) -> dict[str, tuple[int, int, int]]:
    rows = await observer.execute(_COUNTERS)
    return {row.table: (row.scans, row.rows, row.pages) for row in rows}
