"""Deadlines: gives up what was to be finished by now and is not.

The engine drops the sequences at its next step, as after a cancel. Refuses to say what a deadline
is for.
"""

import logging
from contextlib import suppress

from shared.db.database import Database
from shared.db.job_store import Ledger
from shared.errors import Conflict
from shared.outbox_publisher import Publisher

log = logging.getLogger(__name__)


class Deadlines:
    """Cancels overdue jobs."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def step(self) -> None:
        """Give up all that is overdue by now, each in a transaction of its own."""
        async with self._database.transaction() as connection:
            overdue = await Ledger(connection).overdue()
        for job_id in overdue:
            with suppress(Conflict):  # it has ended just now
                async with self._database.transaction() as connection:
                    await Ledger(connection).give_up(job_id)
                log.info("Job %s is past its deadline.", job_id)
                self._publisher.soon(job_id)
