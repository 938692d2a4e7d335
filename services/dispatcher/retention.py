"""Retention: deletes the rows of dead workers, and old deliveries of webhooks."""

from datetime import timedelta

from shared.db.database import Database
from shared.db.webhooks.delivery_queue import DeliveryQueue
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
        has_more = True
        while has_more:
            async with self._database.transaction() as connection:
                has_more = await DeliveryQueue(connection).delete_old()
