"""Lease reaper: requeues the shards of workers that stopped renewing their leases.

It reaps nothing right after an outage of PostgreSQL, during which no worker could renew a lease.
"""

import logging
import time
from uuid import UUID

from shared.db.database import Database
from shared.db.job_queue.leases import ShardLeases
from shared.errors import Unavailable
from shared.metrics.instruments import LEASE_EXPIRIES

log = logging.getLogger(__name__)

OUTAGE_SECONDS = 3.0
"""PostgreSQL is assumed to have been unavailable if no query succeeded for this long."""


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
        """Revoke the leases that have expired by now, each in its own transaction."""
        async with self._database.connection() as connection:
            expired = await ShardLeases(connection).expired()
        self.record_success()
        if time.monotonic() < self._not_before:
            return
        for job_id, shard_id, attempt in expired:
            await self._reap(job_id, shard_id, attempt)
        self._last_success = time.monotonic()

    async def _reap(self, job_id: UUID, shard_id: UUID, attempt: int) -> None:
        """Revoke one lease; a failure must not delay the others."""
        fields = {"job": job_id, "shard": shard_id}
        log.warning("The lease of shard %s of job %s has expired.", shard_id, job_id, extra=fields)
        try:
            async with self._database.transaction() as connection:
                await ShardLeases(connection).reap(job_id, shard_id, attempt)
            LEASE_EXPIRIES.inc()
        except Unavailable as error:
            log.warning(
                "Shard %s is reaped in the next pass: %s", shard_id, error.detail, extra=fields
            )
