"""Deadlines: cancels jobs that have not finished in time.

The engine drops their sequences at its next step, as for any other cancellation.
"""

import logging
from contextlib import suppress

from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from shared.errors import Conflict
from shared.outbox_publisher import OutboxPublisher

log = logging.getLogger(__name__)


class Deadlines:
    """Cancels jobs that are past their deadline."""

    def __init__(self, database: Database, publisher: OutboxPublisher) -> None:
        self._database = database
        self._publisher = publisher

    async def step(self) -> None:
        """Cancel all jobs that are past their deadline now, each in its own transaction."""
        async with self._database.connection() as connection:
            past_deadline = await JobStore(connection).past_deadline()
        for job_id in past_deadline:
            with suppress(Conflict):  # it has ended in the meantime
                async with self._database.transaction() as connection:
                    await JobStore(connection).cancel(job_id)
                log.info("Job %s is past its deadline and was cancelled.", job_id)
                self._publisher.schedule(job_id)
