"""The one door to PostgreSQL: a pool, and transactions that commit or leave no trace.

Refuses to know any table. Whatever the reason that the server cannot be talked to, the caller sees
`Unavailable`: nothing that it asked for may be taken as done.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.errors import Unavailable

CONNECT_SECONDS = 3
COMMAND_SECONDS = 20
SHUTTING_DOWN = ("57P01", "57P02", "57P03")
"""SQLSTATE of a server that stops, has crashed, or is not ready yet."""


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=CONNECT_SECONDS,
            pool_pre_ping=True,
            connect_args={"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS},
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits when the block ends well.

        Raises:
            Unavailable: the server does not answer, or went away before it confirmed the commit.
        """
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (OSError, TimeoutError) as error:
            raise Unavailable("PostgreSQL") from error
        except SQLAlchemyError as error:
            if _is_outage(error):
                raise Unavailable("PostgreSQL") from error
            raise

    async def ping(self) -> None:
        """Raise `Unavailable` unless the server answers."""
        async with self.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


def _is_outage(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, TimeoutError) or type(error).__name__ == "TimeoutError"
    sqlstate = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or sqlstate in SHUTTING_DOWN
