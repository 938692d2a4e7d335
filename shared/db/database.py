"""PostgreSQL connections and transactions. Does not import the tables."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Self, TypeVar

from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.db.driver import DRIVER_ERRORS, DriverConnection, DriverPool, service_error
from shared.errors import OstinatoError, Unavailable
from shared.settings import CommonSettings

T = TypeVar("T")

CONNECT_TIMEOUT_SECONDS = 3
COMMAND_TIMEOUT_SECONDS = 20
NAMED_STATEMENTS = 100
"""asyncpg's default."""
SERVER_SETTINGS = {
    # Bound how long a stalled client can block other transactions
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    # Plan a prepared statement once: planning a submission costs more than executing it
    "plan_cache_mode": "force_generic_plan",
    # A plan that was made while a table was small does not read the whole table when it is large.
    # Without an index it still would, at a nominal cost that must not start the compiler.
    "enable_seqscan": "off",
    "jit": "off",
}


class Database:
    """The connection pools of one PostgreSQL database.

    Every method raises `Unavailable` if the server cannot be reached: the caller must assume that
    nothing was committed.
    """

    def __init__(self, url: str, *, pool_size: int = 10, prepared_statements: bool = True) -> None:
        """Open up to `pool_size` connections for SQLAlchemy, and as many for the driver.

        Without `prepared_statements`, a transaction needs no state of its session before it; each
        statement is then parsed and planned whenever it runs.
        """
        options = {
            "timeout": CONNECT_TIMEOUT_SECONDS,
            "command_timeout": COMMAND_TIMEOUT_SECONDS,
            "server_settings": SERVER_SETTINGS,
            # Without a cache, asyncpg gives its statements no names
            "statement_cache_size": NAMED_STATEMENTS if prepared_statements else 0,
        }
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=CONNECT_TIMEOUT_SECONDS,
            connect_args=options,
            hide_parameters=True,  # errors are logged, and parameters contain what clients sent
        )
        event.listen(self._engine.sync_engine, "handle_error", _translate_driver_error)
        event.listen(self._engine.sync_engine, "checkout", _replace_closed_connection)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._driver_pool = DriverPool(
            url, size=pool_size, acquire_timeout=CONNECT_TIMEOUT_SECONDS, **options
        )

    @classmethod
    def from_settings(cls, settings: CommonSettings, *, pool_size: int = 10) -> Self:
        """The database of a process."""
        return cls(
            settings.database_url,
            pool_size=pool_size,
            prepared_statements=settings.prepared_statements,
        )

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

    def driver_connection(self) -> AbstractAsyncContextManager[DriverConnection]:
        """A connection for the statements that run for every request.

        Raises:
            Unavailable: as `transaction`.
        """
        return self._driver_pool.connection()

    async def ping(self) -> None:
        """Raise `Unavailable` unless the server answers."""
        async with self.connection() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._driver_pool.close()
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
    except (SQLAlchemyError, *DRIVER_ERRORS) as error:
        if translated := _service_error(error):
            raise translated from error
        raise


def _replace_closed_connection(connection: Any, _: object, __: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter has no public type
    """Let the pool open another connection if the server has closed this one; no round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _translate_driver_error(context: ExceptionContext) -> None:
    """SQLAlchemy does not wrap an OSError of the driver, nor the TimeoutError of a statement."""
    if isinstance(context.original_exception, OSError):
        raise Unavailable("PostgreSQL") from context.original_exception


def _service_error(error: Exception) -> OstinatoError | None:
    if isinstance(error, DRIVER_ERRORS):
        return service_error(error)  # SQLAlchemy does not wrap those of a connection's first steps
    if not isinstance(error, DBAPIError):
        return Unavailable("PostgreSQL") if isinstance(error, PoolTimeout) else None
    if error.connection_invalidated:
        return Unavailable("PostgreSQL")
    return None if error.orig is None else service_error(error.orig.__cause__ or error.orig)
