"""What each owner has used by day; `count_results` adds to it when items end."""

from datetime import date
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.process_tables import usage_days

KEPT_DAYS = 400
"""A year, and the month before the same day of the year before."""
DELETE_LIMIT = 10_000
"""Rows that one statement deletes."""

_DELETE_OLD = text(f"""
    DELETE FROM usage_days WHERE (owner, day) IN (
        SELECT owner, day FROM usage_days
        WHERE day < (now() AT TIME ZONE 'UTC')::date - {KEPT_DAYS}
        ORDER BY day LIMIT {DELETE_LIMIT}
    )
""")  # noqa: S608 - the limits are constants


class Usage:
    """The usage of all owners, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def days(self, owner: str, *, since: date) -> list[Row[Any]]:
        """The days on which something of the owner ended, the newest first."""
        rows = await self._connection.execute(
            select(usage_days)
            .where(usage_days.c.owner == owner, usage_days.c.day >= since)
            .order_by(usage_days.c.day.desc())
            .limit(KEPT_DAYS)
        )
        return list(rows)

    async def delete_old(self) -> int:
        """Delete some of the days that are no longer kept; return how many."""
        return (await self._connection.execute(_DELETE_OLD)).rowcount
