"""The door to the real PostgreSQL: what is its fault is Unavailable, and what is not is not."""

import errno
import os

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.errors import Unavailable


async def test_a_full_disk_inside_a_transaction_is_not_postgresqls_fault(
    database: Database,
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        async with database.transaction():
            raise full


async def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    nobody = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable, match="PostgreSQL"):
        await nobody.ping()


async def test_a_statement_without_an_answer_is_unavailable(
    servers: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "COMMAND_SECONDS", 0.2)
    impatient = Database(servers.database_url)
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with impatient.transaction() as connection:
            await connection.execute(text("SELECT pg_sleep(5)"))
    await impatient.close()


async def test_a_connection_that_is_cut_is_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with database.transaction() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
