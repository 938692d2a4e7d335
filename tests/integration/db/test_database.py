"""Which errors of a transaction become `Unavailable`, with a real PostgreSQL."""

import errno
import os

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db import database as database_module
from shared.db.database import Database
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


@pytest.mark.parametrize("sqlstate", ["53100", "53200"])
async def test_a_full_disk_or_memory_raises_unavailable(database: Database, sqlstate: str) -> None:
    """A shard that meets it is tried again, instead of being counted as crashed."""
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with database.transaction() as connection:
            await connection.execute(text(statement))
