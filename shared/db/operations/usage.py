"""What owners and their keys have used by day; `count_results` adds to it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.process_tables import key_usage_days, usage_days

KEPT_DAYS = 400
"""A year, and the month before the same day of the year before."""
DELETE_LIMIT = 10_000
"""Rows that one statement deletes."""


def _delete_old(table: str, columns: str) -> TextClause:
    return text(f"""
        DELETE FROM {table} WHERE ({columns}) IN (
            SELECT {columns} FROM {table}
            WHERE day < (now() AT TIME ZONE 'UTC')::date - {KEPT_DAYS}
            ORDER BY day LIMIT {DELETE_LIMIT}
        )
    """)  # noqa: S608 - the parts are constants


_DELETE_OLD = (
    _delete_old("usage_days", "owner, day"),
    _delete_old("key_usage_days", "owner, key_id, day"),
)


class Usage:
    """The usage of all owners, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def days(self, owner: str, *, since: date, key_id: UUID | None = None) -> list[Row[Any]]:
        """The days on which something of the owner, or of one key, ended, the newest first.

        `key_id` is the `first_id` of the key.
        """
        table = usage_days if key_id is None else key_usage_days
        query = select(table).where(table.c.owner == owner, table.c.day >= since)
        if key_id is not None:
            query = query.where(key_usage_days.c.key_id == key_id)
        rows = await self._connection.execute(query.order_by(table.c.day.desc()).limit(KEPT_DAYS))
        return list(rows)

    async def is_known(self, owner: str, key_id: UUID) -> bool:
        """Whether a key of the owner has used something; its own row may be deleted."""
        query = select(key_usage_days.c.day).where(
            key_usage_days.c.owner == owner, key_usage_days.c.key_id == key_id
        )
        return await self._connection.scalar(query.limit(1)) is not None

    async def delete_old(self) -> int:
        """Delete some of the days that are no longer kept; return how many of one table at most."""
        deleted = [(await self._connection.execute(one)).rowcount for one in _DELETE_OLD]
        return max(deleted)
