"""Which errors of a transaction become `Unavailable`, with a real PostgreSQL."""

import asyncio
import errno
import os

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db import database as database_module
from shared.db.database import Database
from shared.db.driver import DriverConnection, Statement, fetch
from shared.errors import Unavailable


async def test_an_os_error_of_the_block_is_not_translated(
    database: Database,
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        async with database.transaction():
            raise full


async def test_an_unreachable_server_raises_unavailable() -> None:
    unreachable = Database("postgresql+asyncpg://unreachable@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable, match="PostgreSQL"):
        await unreachable.ping()


async def test_a_statement_timeout_raises_unavailable(
    backends: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "COMMAND_TIMEOUT_SECONDS", 0.2)
    database = Database(backends.database_url)
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with database.transaction() as connection:
            await connection.execute(text("SELECT pg_sleep(5)"))
    await database.close()


async def test_a_terminated_connection_raises_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with database.transaction() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.parametrize("sqlstate", ["53100", "53200", "53000", "58030", "25006"])
async def test_a_server_that_cannot_write_raises_unavailable(
    database: Database, sqlstate: str
) -> None:
    """A shard that meets it is tried again, and nothing is counted."""
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with database.transaction() as connection:
            await connection.execute(text(statement))


async def test_the_driver_decodes_json_and_keeps_the_order_of_parameters(
    database: Database,
) -> None:
    statement = Statement(text("SELECT CAST(:b AS jsonb) AS b, CAST(:a AS integer) AS a"))
    parameters = {"a": 1, "b": '{"key": [1, null]}', "unused": 0}
    async with database.driver_connection() as connection:
        (record,) = await fetch(connection, statement, parameters)
    async with database.connection() as sqlalchemy_connection:
        (row,) = await fetch(sqlalchemy_connection, statement, {"a": 1, "b": parameters["b"]})
    assert dict(record) == row == {"a": 1, "b": {"key": [1, None]}}


@pytest.mark.parametrize("error", [ValueError(), asyncio.CancelledError()])
async def test_a_transaction_of_the_driver_is_rolled_back_on_an_error(
    database: Database, error: BaseException
) -> None:
    async def insert(connection: DriverConnection, error: BaseException | None = None) -> None:
        """Insert a row; then raise the error, if any."""
        async with connection.transaction():
            await connection.fetch(statement, {})
            if error is not None:
                raise error

    statement = Statement(text("INSERT INTO queue_clocks VALUES ('driver', 'v7', 0)"))
    count = Statement(text("SELECT count(*) FROM queue_clocks WHERE queue = 'driver'"))
    async with database.driver_connection() as connection:
        with pytest.raises(type(error)):
            await insert(connection, error)
        assert (await connection.fetch(count, {}))[0]["count"] == 0
        await insert(connection)
        with pytest.raises(asyncpg.UniqueViolationError):
            await insert(connection)
    async with database.driver_connection() as connection:
        assert (await connection.fetch(count, {}))[0]["count"] == 1
        await connection.fetch(
            Statement(text("DELETE FROM queue_clocks WHERE queue = 'driver'")), {}
        )


async def test_the_driver_raises_unavailable_for_outages(
    backends: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "COMMAND_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(database_module, "CONNECT_TIMEOUT_SECONDS", 0.5)
    database = Database(backends.database_url, pool_size=1)
    full = "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$"
    terminate = "SELECT pg_terminate_backend(pg_backend_pid())"
    for statement in ("SELECT pg_sleep(5)", full, terminate):
        with pytest.raises(Unavailable, match="PostgreSQL"):
            async with database.driver_connection() as connection:
                await connection.fetch(Statement(text(statement)), {})
        with pytest.raises(Unavailable, match="PostgreSQL"):
            async with database.driver_connection() as connection, connection.transaction():
                await connection.fetch(Statement(text(statement)), {})
    async with database.driver_connection():
        with pytest.raises(Unavailable, match="PostgreSQL"):
            async with database.driver_connection():  # there is only one connection
                pass
    await database.close()
    unreachable = Database("postgresql+asyncpg://unreachable@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with unreachable.driver_connection():
            pass


async def test_the_driver_replaces_connections_that_the_server_has_closed(
    backends: Stack,
) -> None:
    database = Database(backends.database_url, pool_size=1)
    pid = Statement(text("SELECT pg_backend_pid() AS pid"))
    async with database.driver_connection() as connection:
        (before,) = await connection.fetch(pid, {})
    async with database.transaction() as transaction:
        await transaction.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before["pid"]})
    await asyncio.sleep(0.2)  # until the client has received the end of the connection
    async with database.driver_connection() as connection:
        (after,) = await connection.fetch(pid, {})
    assert after["pid"] != before["pid"]
    await database.close()


async def test_an_os_error_of_the_block_is_not_translated_by_the_driver(
    database: Database,
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        async with database.driver_connection() as connection, connection.transaction():
            raise full


async def test_a_value_that_the_driver_rejects_is_not_an_outage(database: Database) -> None:
    statement = Statement(text("SELECT CAST(:number AS integer)"))
    with pytest.raises(asyncpg.DataError):
        async with database.driver_connection() as connection:
            await connection.fetch(statement, {"number": 2**40})
