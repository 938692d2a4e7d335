"""Connections that the server ends at any moment, as in a fail-over, raise `Unavailable` alone."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.driver import Statement
from shared.errors import Unavailable

ENDS = 100
NAP = Statement(text("SELECT pg_sleep(random() * 0.005)"))
END_ALL = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
""")


async def driver_transaction(database: Database) -> None:
    async with database.driver_connection() as connection, connection.transaction():
        await connection.fetch(NAP, {})
        await connection.fetch(NAP, {})


async def driver_statement(database: Database) -> None:
    async with database.driver_connection() as connection:
        await connection.fetch(NAP, {})


async def transaction(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(NAP.clause)
        await connection.execute(NAP.clause)


async def statement(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(NAP.clause)


STEPS: tuple[Callable[[Database], Awaitable[None]], ...] = (
    *(driver_transaction, driver_statement, transaction, statement),
)


async def test_connections_that_end_at_any_moment(backends: Stack, database: Database) -> None:
    """While they are opened, between two statements, during one, and during a commit."""
    victims = Database(backends.database_url, pool_size=4)
    is_done = asyncio.Event()
    errors: Counter[type[Exception]] = Counter()

    async def repeat(step: Callable[[Database], Awaitable[None]]) -> None:
        while not is_done.is_set():
            try:
                await step(victims)
            except Exception as error:  # noqa: BLE001 - all are counted
                errors[type(error)] += 1

    async with asyncio.TaskGroup() as group:
        for step in 2 * STEPS:
            group.create_task(repeat(step))
        for _ in range(ENDS):
            await asyncio.sleep(0.01)
            async with database.connection() as connection:
                await connection.execute(END_ALL)
        is_done.set()
    await victims.close()
    assert errors.keys() == {Unavailable}
    assert errors.total() > ENDS
