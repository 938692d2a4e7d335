"""Retention: deletes the rows of silent processes, and old days of usage."""

from datetime import timedelta

from shared.db.database import Database
from shared.db.operations.process_metrics import ProcessMetrics
from shared.db.operations.usage import DELETE_LIMIT, Usage
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
        while await self._delete_old_usage() == DELETE_LIMIT:
            pass

    async def _delete_old_usage(self) -> int:
        """Delete some rows, in a transaction of their own."""
        async with self._database.connection() as connection:
            return await Usage(connection).delete_old()
