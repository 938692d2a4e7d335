"""PostgreSQL connections and transactions. Does not import the tables."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.errors import InvalidRequest, Unavailable

T = TypeVar("T")

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
NUL_SQLSTATES = frozenset({"22021", "22P05"})
"""PostgreSQL stores the character NUL neither in a text nor in a document."""
SERVER_SETTINGS = {
    # Bound how long a stalled client can block other transactions
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    # Plan a prepared statement once: planning a submission costs more than executing it
    "plan_cache_mode": "force_generic_plan",
}


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
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "command_timeout": COMMAND_TIMEOUT_SECONDS,
                "server_settings": SERVER_SETTINGS,
            },
        )
        event.listen(self._engine.sync_engine, "handle_error", _translate_driver_error)
        event.listen(self._engine.sync_engine, "checkout", _replace_closed_connection)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end of the block, and rolled back on an error.

        Raises:
            Unavailable: the server does not answer, or the connection was lost before it confirmed
                the commit. An OSError that the block itself raises is not translated.
        """
        async with _opened(self._engine.begin()) as connection:
            yield connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which each statement is a transaction of its own: one round trip.

        Raises:
            Unavailable: as `transaction`.
        """
        async with _opened(self._autocommit.connect()) as connection:
            yield connection

    async def ping(self) -> None:
        """Raise `Unavailable` unless the server answers."""
        async with self.connection() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


@asynccontextmanager
async def _opened(opening: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Open a connection; errors of the server and of the network become `Unavailable`.

    Raises:
        InvalidRequest: a text in a statement of the block has the character NUL.
    """
    try:
        async with AsyncExitStack() as stack:
            try:
                opened = await stack.enter_async_context(opening)
            except OSError as error:
                raise Unavailable("PostgreSQL") from error
            yield opened
    except SQLAlchemyError as error:
        if _is_outage(error):
            raise Unavailable("PostgreSQL") from error
        if _sqlstate(error) in NUL_SQLSTATES:
            raise InvalidRequest(
                "A text of the request has the character NUL (U+0000), which cannot be stored; "
                "remove it.",
                field="body",
            ) from error
        raise


def _replace_closed_connection(connection: Any, _: object, __: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter has no public type
    """Let the pool open another connection if the server has closed this one; no round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _translate_driver_error(context: ExceptionContext) -> None:
    """SQLAlchemy does not wrap an OSError of the driver, nor the TimeoutError of a statement."""
    if isinstance(context.original_exception, OSError):
        raise Unavailable("PostgreSQL") from context.original_exception


def _is_outage(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    return error.connection_invalidated or _sqlstate(error) in TRANSIENT_SQLSTATES


def _sqlstate(error: SQLAlchemyError) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
