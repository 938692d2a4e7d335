"""PostgreSQL connections and transactions. Does not import the tables."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.errors import Unavailable

CONNECT_TIMEOUT_SECONDS = 3
COMMAND_TIMEOUT_SECONDS = 20
TRANSIENT_SQLSTATES = frozenset(
    {
        *("57P01", "57P02", "57P03"),  # the server shuts down, has crashed, is starting
        *("53100", "53200", "53300", "53400"),  # disk or memory is full, no connection left
        *("55P03", "57014", "25P03"),  # timeout of a lock, a statement or an idle transaction
        *("40001", "40P01"),  # serialization failure, deadlock
    }
)
"""SQLSTATEs after which a retry of the same transaction may succeed."""
SERVER_SETTINGS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
"""Bound how long a stalled client can block other transactions."""


class Database:
    """A connection pool of one PostgreSQL database.

    Every method raises `Unavailable` if the server cannot be reached: the caller must assume that
    nothing was committed.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=CONNECT_TIMEOUT_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "command_timeout": COMMAND_TIMEOUT_SECONDS,
                "server_settings": SERVER_SETTINGS,
            },
        )
        event.listen(self._engine.sync_engine, "handle_error", _translate_driver_error)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end of the block, and rolled back on an error.

        Raises:
            Unavailable: the server does not answer, or the connection was lost before it confirmed
                the commit. An OSError that the block itself raises is not translated.
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
        """Close all connections."""
        await self._engine.dispose()


def _translate_driver_error(context: ExceptionContext) -> None:
    """SQLAlchemy does not wrap an OSError of the driver, nor the TimeoutError of a statement."""
    if isinstance(context.original_exception, OSError):
        raise Unavailable("PostgreSQL") from context.original_exception


def _is_outage(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    return error.connection_invalidated or (
        getattr(error.orig, "sqlstate", None) in TRANSIENT_SQLSTATES
    )
