"""Pages of the rows of one owner, the newest first."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Select, Table, Text, any_, literal

SelectT = TypeVar("SelectT", bound=Select[Any])


def newest_of_owner(
    query: SelectT, table: Table, owner: str, *, before: UUID | None, limit: int
) -> SelectT:
    """Restrict a query to the owner's newest rows of a table, older than `before`.

    They are read by an index that begins with the owner. With `owner = ...` and the order of ids
    alone, PostgreSQL may walk the primary key instead, through newer rows of all other owners.
    """
    is_owned = table.c.owner == any_(literal([owner], ARRAY(Text)))
    query = query.where(is_owned).order_by(table.c.owner.desc(), table.c.id.desc()).limit(limit)
    return query if before is None else query.where(table.c.id < before)
