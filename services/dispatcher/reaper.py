"""Lease reaper: requeues the shards of workers that stopped renewing their leases.

It reaps nothing right after an outage of PostgreSQL, during which no worker could renew a lease.
While the disk of PostgreSQL is full, it still answers, but nothing can be written: leases are not
renewed, and melodies wait in their workers. So an error of a write is an outage, too.
"""

import logging
import time
from contextlib import suppress
from uuid import UUID

from shared.db.database import Database
from shared.db.driver import is_contention
from shared.db.job_queue.leases import ShardLeases
from shared.errors import Unavailable
from shared.metrics.instruments import LEASE_EXPIRIES

log = logging.getLogger(__name__)

OUTAGE_SECONDS = 3.0
"""PostgreSQL is assumed to have been unavailable if no query succeeded for this long."""


class _Undo(Exception):
    """Rolls the transaction of a trial back."""


class Reaper:
    """Revokes expired leases."""

    def __init__(self, database: Database, *, outage_grace_seconds: float) -> None:
        """`outage_grace_seconds`: how long workers may take to renew leases after an outage."""
        self._database = database
        self._outage_grace_seconds = outage_grace_seconds
        self._last_success = time.monotonic()
        self._not_before = 0.0

    def record_success(self) -> None:
        """Record that PostgreSQL has answered; call it at least every second."""
        now = time.monotonic()
        if now - self._last_success > OUTAGE_SECONDS:
            self._not_before = now + self._outage_grace_seconds
        self._last_success = now

    async def step(self) -> None:
        """Revoke the leases that have expired by now, each in its own transaction.

        Raises:
            Unavailable: PostgreSQL does not answer, or cannot write.
        """
        async with self._database.connection() as connection:
            expired = await ShardLeases(connection).expired()
        self.record_success()
        is_grace = time.monotonic() < self._not_before
        for job_id, shard_id, attempt in expired[: 1 if is_grace else None]:
            try:
                await self._reap(job_id, shard_id, attempt, is_trial=is_grace)
            except Unavailable as error:
                if not is_contention(error):
                    self._not_before = time.monotonic() + self._outage_grace_seconds
                    raise
                log.warning("Shard %s is reaped in the next pass: %s", shard_id, error.detail)
            except Exception:  # it must not delay the others
                log.exception("Shard %s cannot be reaped.", shard_id)
        self._last_success = time.monotonic()

    async def _reap(self, job_id: UUID, shard_id: UUID, attempt: int, *, is_trial: bool) -> None:
        """Revoke one lease; a trial only finds out whether PostgreSQL can write it.

        Raises:
            Unavailable: PostgreSQL cannot write it, or the job is locked.
        """
        with suppress(_Undo):
            async with self._database.transaction() as connection:
                await ShardLeases(connection).reap(job_id, shard_id, attempt)
                if is_trial:
                    raise _Undo
            fields = {"job": job_id, "shard": shard_id}
            message = "The lease of shard %s of job %s has expired."
            log.warning(message, shard_id, job_id, extra=fields)
            LEASE_EXPIRIES.inc()
