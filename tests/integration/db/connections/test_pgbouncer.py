"""The database behind PgBouncer, where each transaction has another session."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.local.machine.ports import first_free, random_ports
from deploy.local.stack import Stack
from shared.db.database import SERVER_SETTINGS, Database
from shared.db.driver import Statement
from shared.db.migrations.migrate import migrate
from shared.errors import Unavailable
from tests.support.servers.databases import create_database
from tests.support.servers.pgbouncer import pgbouncer

NUM_CLIENTS = 8
ROUNDS = 25


@pytest.fixture(scope="module")
def pooled_url(backends: Stack) -> Iterator[str]:
    """The URL of PgBouncer, which has two connections to PostgreSQL."""
    with pgbouncer(backends.database_url, default_pool_size=2) as url:
        yield url


@pytest.fixture
async def pooled(pooled_url: str) -> AsyncIterator[Database]:
    database = Database(pooled_url, pool_size=NUM_CLIENTS, prepared_statements=False)
    yield database
    await database.close()


async def errors_of_concurrent_use(database: Database) -> list[BaseException]:
    """Run single statements and transactions of many clients at once."""

    async def use(client: int) -> None:
        for number in range(ROUNDS):
            statement = text(f"SELECT {client} + {number % 3} + CAST(:number AS int) AS sum")
            expected = client + number % 3 + number
            async with database.connection() as connection:
                assert await connection.scalar(statement, {"number": number}) == expected
            async with database.driver_connection() as driver:
                [row] = await driver.fetch(Statement(statement), {"number": number})
                assert row["sum"] == expected
                each = [{"number": number}, {"number": number + 1}]
                sums = [row["sum"] for row in await driver.fetch_each(Statement(statement), each)]
                assert sums == [expected, expected + 1]
            async with database.transaction() as connection:
                assert await connection.scalar(statement, {"number": number}) == expected
                document = text("SELECT CAST(:document AS jsonb)")
                assert await connection.scalar(document, {"document": "[1]"}) == [1]

    ended = await asyncio.gather(*map(use, range(NUM_CLIENTS)), return_exceptions=True)
    return [error for error in ended if error is not None]


def logged(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


async def test_statements_need_no_state_of_a_session(pooled: Database) -> None:
    assert await errors_of_concurrent_use(pooled) == []


async def test_named_statements_fail_there(pooled_url: str) -> None:
    """The test above can fail: PgBouncer before 1.21 does not track named statements."""
    database = Database(pooled_url, pool_size=NUM_CLIENTS)
    errors = await errors_of_concurrent_use(database)
    assert any("set OSTINATO_PREPARED_STATEMENTS=false" in logged(error) for error in errors)
    await database.close()


async def test_every_session_has_the_bounds(pooled: Database) -> None:
    async def current(name: str) -> object:
        async with pooled.transaction() as connection:
            await connection.execute(text("SELECT pg_sleep(0.05)"))  # so that both sessions serve
            return await connection.scalar(text(f"SHOW {name}"))

    for name, value in SERVER_SETTINGS.items():
        assert set(await asyncio.gather(current(name), current(name))) == {value}


async def test_the_schema_can_be_migrated(backends: Stack) -> None:
    with pgbouncer(await create_database(backends)) as url:
        await asyncio.gather(*(migrate(url, prepared_statements=False) for _ in range(2)))
        database = Database(url, pool_size=1, prepared_statements=False)
        async with database.connection() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM jobs")) == 0
        await database.close()


async def test_a_full_pooler_is_unavailable(backends: Stack) -> None:
    """As a full PostgreSQL: a shard that meets it is tried again."""
    with pgbouncer(backends.database_url, max_client_conn=1) as url:
        database = Database(url, prepared_statements=False)
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1"))
            with pytest.raises(Unavailable, match="PostgreSQL"):
                await database.ping()
        await database.close()


async def test_a_transaction_that_gets_no_connection_is_unavailable(backends: Stack) -> None:
    with pgbouncer(backends.database_url, default_pool_size=1, query_wait_timeout=1) as url:
        database = Database(url, prepared_statements=False)
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1"))
            with pytest.raises(Unavailable, match="PostgreSQL"):
                await database.ping()
        await database.ping()
        await database.close()


async def test_a_session_that_ends_in_a_transaction_is_unavailable(pooled: Database) -> None:
    with pytest.raises(Unavailable, match="PostgreSQL"):
        async with pooled.transaction() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    await pooled.ping()


async def test_processes_connect_again_after_a_restart_of_the_pooler(backends: Stack) -> None:
    port = first_free(random_ports())
    with pgbouncer(backends.database_url, listen_port=port) as url:
        database = Database(url, prepared_statements=False)
        await database.ping()
    with pytest.raises(Unavailable, match="PostgreSQL"):
        await database.ping()
    with pgbouncer(backends.database_url, listen_port=port):
        await database.ping()
        await database.close()


async def test_a_pooler_that_rejects_the_bounds_is_reported(backends: Stack) -> None:
    with pgbouncer(backends.database_url, ignore_startup_parameters="") as url:
        database = Database(url, prepared_statements=False)
        with pytest.raises(DBAPIError, match="unsupported startup parameter: lock_") as caught:
            await database.ping()
        assert "Set ignore_startup_parameters" in logged(caught.value)
        with pytest.raises(asyncpg.ProtocolViolationError) as caught_by_driver:
            async with database.driver_connection():
                pass
        assert "Set ignore_startup_parameters" in logged(caught_by_driver.value)
        await database.close()
