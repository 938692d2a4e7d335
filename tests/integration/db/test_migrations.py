"""The migrations lead to exactly the tables that the code expects."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from deploy.local.stack import Stack
from shared.db.migrate import migrate
from shared.db.session import Database
from shared.db.tables import metadata


def difference(connection: Connection) -> list[object]:
    found: list[object] = compare_metadata(MigrationContext.configure(connection), metadata)
    return found


async def test_the_migrated_database_is_the_one_that_the_tables_describe(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        assert await connection.run_sync(difference) == []


async def test_migrating_again_and_from_two_places_at_once_does_no_harm(servers: Stack) -> None:
    await asyncio.gather(migrate(servers.database_url), migrate(servers.database_url))
