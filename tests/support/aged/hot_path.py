"""A path: statements that a service runs together, and how much they may read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection


class World:
    """What the preparations of one path share."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.numbers = count(1)


Prepare = Callable[[World], Awaitable[Any]]


async def nothing(_: World) -> None:
    """No preparation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HotPath:
    """Statements that run together; `run` gets what `prepare` returns."""

    name: str
    max_rows: int
    """Rows and index entries that one run may read, however large the database is."""
    run: Callable[[AsyncConnection, Any], Awaitable[Any]]
    prepare: Prepare = nothing
