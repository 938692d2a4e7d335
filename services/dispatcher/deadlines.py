"""Deadlines: cancels jobs that have not finished in time.

The engine drops their sequences at its next step, as for any other cancellation.
"""

import logging

from shared.db.database import Database
from shared.db.job_queue.cancellation import PAST_DEADLINE_LIMIT, cancel_past_deadline
from shared.outbox_publisher import OutboxPublisher

log = logging.getLogger(__name__)


class Deadlines:
    """Cancels jobs that are past their deadline."""

    def __init__(self, database: Database, publisher: OutboxPublisher) -> None:
        self._database = database
        self._publisher = publisher

    async def step(self) -> None:
        """Cancel all jobs that are past their deadline now, many in each transaction."""
        while True:
            async with self._database.transaction() as connection:
                cancelled = await cancel_past_deadline(connection)
            if cancelled:
                log.info("%d jobs are past their deadlines and were cancelled.", len(cancelled))
                self._publisher.schedule(*cancelled)
            if len(cancelled) < PAST_DEADLINE_LIMIT:
                return
