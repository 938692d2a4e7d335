"""The one door to PostgreSQL: a pool, and transactions that commit or leave no trace.

Refuses to know any table. Whatever the reason that the server cannot be talked to, the caller sees
`Unavailable`: nothing that it asked for may be taken as done.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.errors import Unavailable

CONNECT_SECONDS = 3
COMMAND_SECONDS = 20
OUTAGES = frozenset(
    {
        *("57P01", "57P02", "57P03"),  # it stops, has crashed, is not ready yet
        *("53300", "53400"),  # it has no connection left
        *("55P03", "57014", "25P03"),  # a lock, a statement or an idle transaction took too long
        *("40001", "40P01"),  # it chose us to give way to somebody else
    }
)
"""SQLSTATEs after which the same transaction may well succeed a little later."""
SERVER_SETTINGS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
"""A client that froze inside a transaction must not hold up the others for ever."""


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=CONNECT_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": COMMAND_SECONDS,
                "server_settings": SERVER_SETTINGS,
            },
        )
        event.listen(self._engine.sync_engine, "handle_error", _tell_apart)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits when the block ends well.

        Raises:
            Unavailable: the server does not answer, or went away before it confirmed the commit;
                an OSError of the block's own is not that, and stays what it is.
        """
        try:
            async with AsyncExitStack() as stack:
                yield await self._begin(stack)
        except SQLAlchemyError as error:
            if _is_outage(error):
                raise Unavailable("PostgreSQL") from error
            raise

    async def _begin(self, stack: AsyncExitStack) -> AsyncConnection:
        try:
            return await stack.enter_async_context(self._engine.begin())
        except OSError as error:
            raise Unavailable("PostgreSQL") from error

    async def ping(self) -> None:
        """Raise `Unavailable` unless the server answers."""
        async with self.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


def _tell_apart(context: ExceptionContext) -> None:
    """SQLAlchemy lets an OSError of the driver pass as it is, a TimeoutError of a statement too."""
    if isinstance(context.original_exception, OSError):
        raise Unavailable("PostgreSQL") from context.original_exception


def _is_outage(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in OUTAGES
