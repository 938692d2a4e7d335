"""Statements that run for every request, executed by asyncpg without SQLAlchemy.

SQLAlchemy takes several times as long as the driver to execute a small statement. Statements that
run less often go through SQLAlchemy (`Database.connection`), and some run either way (`fetch`).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeAlias

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Select, TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.errors import InvalidRequest, OstinatoError, Unavailable

TRANSIENT_SQLSTATES = frozenset(
    {
        *("57P01", "57P02", "57P03"),  # the server shuts down, has crashed, is starting
        *("53100", "53200", "53300", "53400"),  # disk or memory is full, no connection left
        *("53000", "58000", "58030"),  # no file descriptor left, the disk does not work
        "25006",  # read-only: a server that became a standby, or whose disk is nearly full
        *("55P03", "57014", "25P03"),  # timeout of a lock, a statement or an idle transaction
        *("40001", "40P01"),  # serialization failure, deadlock
    }
)
"""SQLSTATEs after which a retry of the same transaction may succeed."""
CONTENTION_SQLSTATES = frozenset({"55P03", "40001", "40P01"})
"""Those that only say that another transaction has locked the same rows."""
NUL_SQLSTATES = frozenset({"22021", "22P05"})
"""PostgreSQL stores the character NUL neither in a text nor in a document."""
POOLER_IS_FULL = "no more connections allowed"
"""PgBouncer's error for what is 53300 in PostgreSQL; all its errors have the SQLSTATE 08P01."""
POOLER_ADVICE = {
    'prepared statement "': "If this process connects to a pooler in transaction mode, set "
    "OSTINATO_PREPARED_STATEMENTS=false.",
    "unsupported startup parameter": "Set ignore_startup_parameters and connect_query of PgBouncer "
    "as deploy/pgbouncer.ini does.",
}
"""What to do about errors that a pooler causes, by a part of their message."""
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Every error of asyncpg. The last kind: the server has ended the session between two statements,
and the driver has not yet received the end of the connection."""

Record: TypeAlias = Mapping[str, Any]
"""A row by the names of its columns."""


class Statement:
    """A statement with named parameters, compiled once."""

    def __init__(self, clause: TextClause | Select[Any]) -> None:
        self.clause = clause
        compiled = clause.compile(dialect=dialect())  # type: ignore[no-untyped-call]
        self.sql = str(compiled)
        """The text with positional parameters."""
        self.parameters: tuple[str, ...] = tuple(compiled.positiontup or ())
        """Their names, in the order of their positions."""


class DriverConnection:
    """A connection of the driver; outside of `transaction`, each statement is a transaction.

    Its methods raise the same errors as those of `Database`, or else `asyncpg.PostgresError`.
    """

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
        self._connection = connection

    async def fetch(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Record]:
        """The rows that the statement returns."""
        arguments = [parameters[name] for name in statement.parameters]
        with _translated_errors():
            rows: Sequence[Record] = await self._connection.fetch(statement.sql, *arguments)
        return rows

    async def fetch_each(
        self, statement: Statement, parameters: Sequence[Mapping[str, Any]]
    ) -> Sequence[Record]:
        """The row of a statement for each of these parameters, in one transaction and round trip.

        The statement must return exactly one row for any parameters.
        """
        arguments = [[values[name] for name in statement.parameters] for values in parameters]
        with _translated_errors():
            rows: Sequence[Record] = await self._connection.fetchmany(statement.sql, arguments)
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A transaction that is committed at the end of the block, and rolled back on an error."""
        transaction = self._connection.transaction()
        with _translated_errors():
            await transaction.start()
        try:
            yield
        except BaseException:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await transaction.rollback()
            raise
        with _translated_errors():
            await transaction.commit()


Connection: TypeAlias = AsyncConnection | DriverConnection
"""Either kind of connection, for `fetch`."""


class DriverPool:
    """A pool of connections of the driver, which it opens when they are needed."""

    def __init__(self, url: str, *, size: int, acquire_timeout: float, **options: Any) -> None:  # noqa: ANN401 - asyncpg's
        """Wait at most `acquire_timeout` seconds for a connection; the options are asyncpg's."""
        self._url = url.replace("+asyncpg", "")
        self._size = size
        self._timeout = acquire_timeout
        self._options = options
        self._pool: Any = None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[DriverConnection]:
        """A connection of the pool.

        Raises:
            Unavailable: the server does not answer, or every connection is in use.
        """
        with _translated_errors():
            async with asyncio.timeout(self._timeout):
                connection = await (await self._open()).acquire()
        try:
            yield DriverConnection(connection)
        finally:
            await self._pool.release(connection)

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeout):
                    await self._pool.close()

    async def _open(self) -> Any:  # noqa: ANN401 - asyncpg has no types
        """The pool, which belongs to the event loop of the first statement."""
        if self._pool is None:
            self._pool = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._size,
                init=_decode_json,
                reset=_keep_session,
                **self._options,
            )
            await self._pool
        return self._pool


async def fetch(
    connection: Connection,
    statement: Statement,
    parameters: Mapping[str, Any],
) -> Sequence[Record]:
    """The rows that a statement returns, through a connection of either kind."""
    if isinstance(connection, DriverConnection):
        return await connection.fetch(statement, parameters)
    return [
        dict(row) for row in (await connection.execute(statement.clause, parameters)).mappings()
    ]


async def _decode_json(connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    """Let the driver return JSON as objects, as SQLAlchemy does; parameters are texts."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=json.loads)


async def _keep_session(_: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    """Nothing: no statement changes the session, so that it needs no round trip to reset it."""


def service_error(error: BaseException) -> OstinatoError | None:
    """The error to raise instead of one of the driver.

    None if there is no better one; the error of the server then has a note if a pooler causes it.
    """
    if _is_connection_lost(error):
        return Unavailable("PostgreSQL")
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate in TRANSIENT_SQLSTATES or POOLER_IS_FULL in str(error):
        return Unavailable("PostgreSQL")
    if sqlstate in NUL_SQLSTATES:
        return InvalidRequest(
            "A text of the request has the character NUL (U+0000), which cannot be stored; "
            "remove it.",
            field="body",
        )
    for message, advice in POOLER_ADVICE.items():
        if message in str(error):
            error.add_note(advice)
    return None


def is_contention(error: Unavailable) -> bool:
    """Whether PostgreSQL works, and only a lock was not free."""
    cause = error.__cause__
    sqlstate = getattr(getattr(cause, "orig", cause), "sqlstate", None)
    return sqlstate in CONTENTION_SQLSTATES


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("PostgreSQL") from error
    except DRIVER_ERRORS as error:
        if translated := service_error(error):
            raise translated from error
        raise


def _is_connection_lost(error: BaseException) -> bool:
    """Whether the connection was lost; not: the server or the driver has rejected a value."""
    if isinstance(error, asyncpg.PostgresError):
        is_rejected = isinstance(error, asyncpg.ProtocolViolationError)
        return isinstance(error, asyncpg.PostgresConnectionError) and not is_rejected
    return isinstance(error, DRIVER_ERRORS) and not isinstance(error, ValueError)
