"""Deadlines: lets jobs expire that have not finished in time.

The engine drops their sequences at its next step, as after a cancellation.
"""

import logging

from shared.db.database import Database
from shared.db.job_queue.cancellation import PAST_DEADLINE_LIMIT, expire_past_deadline
from shared.outbox_publisher import OutboxPublisher

log = logging.getLogger(__name__)


class Deadlines:
    """Ends jobs that are past their deadline."""

    def __init__(self, database: Database, publisher: OutboxPublisher) -> None:
        self._database = database
        self._publisher = publisher

    async def step(self) -> None:
        """End all jobs that are past their deadline now, many in each transaction."""
        while True:
            async with self._database.transaction() as connection:
                expired = await expire_past_deadline(connection)
            if expired:
                log.info("%d jobs are past their deadlines and expire.", len(expired))
                self._publisher.schedule(*expired)
            if len(expired) < PAST_DEADLINE_LIMIT:
                return
