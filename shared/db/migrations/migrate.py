"""`python -m shared.db.migrations.migrate`: upgrade to the newest revision.

Several processes may run it at once: an advisory lock makes all but one of them wait.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from shared.db.database import Database
from shared.logs import configure
from shared.settings import CommonSettings

LOCK_ID = 0x0571_A710
"""An arbitrary number, the same for every process."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for the revisions of this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Apply the missing revisions in the connection's transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK_ID})
    command.upgrade(alembic_config(connection), "head")


async def migrate(database_url: str, *, prepared_statements: bool = True) -> None:
    """Apply all missing revisions, or none if one of them fails."""
    database = Database(database_url, pool_size=1, prepared_statements=prepared_statements)
    try:
        async with database.transaction() as connection:
            await connection.run_sync(upgrade)
    finally:
        await database.close()


if __name__ == "__main__":
    settings = CommonSettings.load()
    configure("migrate", settings.log_level, settings.log_format)
    asyncio.run(migrate(settings.database_url, prepared_statements=settings.prepared_statements))
