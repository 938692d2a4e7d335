"""The lease reaper: gives the shards of a worker that fell silent to the next one."""

import logging

from shared.db.session import Database
from shared.db.shards import Shards

log = logging.getLogger(__name__)


class Reaper:
    """Takes back shards whose lease has ended."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def step(self) -> None:
        """Take back all that have ended by now, each in a transaction of its own."""
        async with self._database.transaction() as connection:
            expired = await Shards(connection).expired()
        for job_id, shard_id, attempt in expired:
            log.warning("Shard %s of job %s lost its worker.", shard_id, job_id)
            async with self._database.transaction() as connection:
                await Shards(connection).reap(job_id, shard_id, attempt)
