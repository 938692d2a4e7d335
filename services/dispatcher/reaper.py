"""The lease reaper: gives the shards of a worker that fell silent to the next one.

Refuses to judge workers by a time in which nobody could have renewed anything.
"""

import logging
import time
from uuid import UUID

from shared.db.database import Database
from shared.db.shard_leases import Leases
from shared.errors import Unavailable

log = logging.getLogger(__name__)

BLIND_SECONDS = 3.0
"""After so long without an answer of PostgreSQL, leases may have ended for that alone."""


class Reaper:
    """Takes back shards whose lease has ended."""

    def __init__(self, database: Database, *, grace_seconds: float) -> None:
        """After an outage the workers have `grace_seconds` to renew their leases."""
        self._database = database
        self._grace = grace_seconds
        self._last_look = time.monotonic()
        self._not_before = 0.0

    async def step(self) -> None:
        """Take back all that have ended by now, each in a transaction of its own."""
        async with self._database.transaction() as connection:
            expired = await Leases(connection).expired()
        now = time.monotonic()
        if now - self._last_look > BLIND_SECONDS:
            self._not_before = now + self._grace
        self._last_look = now
        if now < self._not_before:
            return
        for job_id, shard_id, attempt in expired:
            await self._reap(job_id, shard_id, attempt)
        self._last_look = time.monotonic()

    async def _reap(self, job_id: UUID, shard_id: UUID, attempt: int) -> None:
        """Take one back; if that is not possible now, the others must not wait for it."""
        log.warning("Shard %s of job %s lost its worker.", shard_id, job_id)
        try:
            async with self._database.transaction() as connection:
                await Leases(connection).reap(job_id, shard_id, attempt)
        except Unavailable as error:
            log.warning("Shard %s is left for later: %s", shard_id, error.detail)
