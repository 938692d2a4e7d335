"""`python -m shared.db.migrate`: bring the schema to the newest revision, and nothing else.

Safe to run from several places at once: an advisory lock lets one migrate while the others wait.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from shared.db.database import Database
from shared.logs import configure
from shared.settings import CommonSettings

LOCK = 0x0571_A710
"""Any number that all migrators agree on."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for the migrations beside this file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Apply every revision that is missing, in the connection's transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    command.upgrade(alembic_config(connection), "head")


async def migrate(database_url: str) -> None:
    """Apply every revision that is missing, or none if one of them fails."""
    database = Database(database_url, pool_size=1)
    try:
        async with database.transaction() as connection:
            await connection.run_sync(upgrade)
    finally:
        await database.close()


if __name__ == "__main__":
    settings = CommonSettings()
    configure("migrate", settings.log_level)
    asyncio.run(migrate(settings.database_url))
