"""Retention: forgets the workers that have been gone for a day."""

from datetime import timedelta

from shared.db.database import Database
from shared.db.workers import Workers

FORGET_AFTER = timedelta(days=1)
INTERVAL_SECONDS = 600.0


class Retention:
    """Drops what nobody will ask for again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def step(self) -> None:
        """Drop what is old enough by now."""
        async with self._database.transaction() as connection:
            await Workers(connection).forget(FORGET_AFTER)
