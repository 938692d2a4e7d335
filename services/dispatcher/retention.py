"""Retention: deletes the rows of workers and processes that have been silent for a day."""

from datetime import timedelta

from shared.db.database import Database
from shared.db.process_metrics import ProcessMetrics
from shared.db.workers import Workers

STALE_WORKER_AGE = timedelta(days=1)
RETENTION_INTERVAL_SECONDS = 600.0


class Retention:
    """Deletes stale rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def step(self) -> None:
        """Delete all rows that are stale now."""
        async with self._database.transaction() as connection:
            await Workers(connection).delete_stale(STALE_WORKER_AGE)
            await ProcessMetrics(connection).delete_stale(STALE_WORKER_AGE)
