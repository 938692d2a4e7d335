"""Runs isolated shards alone: those that several processes have crashed with.

Such a shard first runs alone in this process, once it is idle. If the process dies of that, the
next one that has nothing to do replaces itself: a fresh process generates a canary with the model
of the shard, records it in the database, and then claims the shard. Only the crashes of such
processes count against it.

Other shards do not wait for long: after an isolated shard a worker runs others for as long as that
took, and a new process runs others for as long as a lease before it is replaced.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from services.worker.active_shards import ActiveShards
from services.worker.isolation.process_end import ProcessEnd
from services.worker.model_registry import ModelRegistry
from shared.broker.queues import Queue
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.isolation import (
    ANY_CRASHES,
    ISOLATION_CRASHES,
    IsolatedClaims,
    Reservation,
)
from shared.db.workers import Workers
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)

LOAD_TIMEOUT_SECONDS = 120.0
"""A fresh process runs other shards if it has not loaded the model by then."""


class IsolatedShards:
    """The isolated shard that one worker process has reserved or runs, if any."""

    def __init__(
        self,
        database: Database,
        active: ActiveShards,
        identity: WorkerIdentity,
        *,
        registry: ModelRegistry,
        start_shards: Callable[[Sequence[ClaimedShard]], Awaitable[None]],
        process_end: ProcessEnd,
    ) -> None:
        """`start_shards` gets the shard that was claimed."""
        self._database = database
        self._active = active
        self._identity = identity
        self._registry = registry
        self._start_shards = start_shards
        self._process_end = process_end
        self._handed_over = process_end.handed_over
        self._reservation: Reservation | None = None
        active.is_reserved = self._handed_over is not None
        self._turn_started: float | None = None
        self._not_before = 0.0
        self._started = time.monotonic()
        self._versions: set[str] = set()
        self._replaceable_at = 0.0

    async def step(self) -> None:
        """Reserve an isolated shard, if one is queued, and run it once the worker is idle.

        Raises:
            Unavailable: PostgreSQL does not answer.
            CanaryFailed: this process cannot generate with the model of the shard.
        """
        now = time.monotonic()
        if self._active.runs_isolated:
            return
        if not self._active.is_reserved:
            self._end_turn(now)
        if now < self._not_before:
            return
        self._reservation = await self._reserve(now)
        self._active.is_reserved = self._reservation is not None
        if self._reservation is None:
            self._end_turn(now)
            return
        self._turn_started = self._turn_started or now
        if not self._active.in_flight:
            await self._run(self._reservation)

    def _end_turn(self, now: float) -> None:
        """Run other shards for as long as the isolated one took."""
        self._handed_over = None
        if self._turn_started is not None:
            self._not_before = now + (now - self._turn_started)
            self._turn_started = None

    async def _reserve(self, now: float) -> Reservation | None:
        async with self._database.connection() as connection:
            claims = IsolatedClaims(connection, self._identity)
            if self._handed_over is not None:
                return await claims.reserve_shard(self._handed_over)
            return await claims.reserve(
                list(Queue), self._registry.versions, max_crashes=self._max_crashes(now)
            )

    def _max_crashes(self, now: float) -> int:
        """Until it has run others for a while, this process is not replaced."""
        if (versions := set(self._registry.versions)) != self._versions:
            self._versions = versions
            self._replaceable_at = now + self._identity.lease_duration.total_seconds()
        return ANY_CRASHES if now >= self._replaceable_at else ISOLATION_CRASHES

    async def _run(self, reservation: Reservation) -> None:
        if not reservation.needs_fresh_process:
            await self._claim(reservation)
        elif self._handed_over is None:
            log.warning("Shard %s needs a fresh process.", reservation.shard_id)
            self._process_end.replace_for(reservation.shard_id)
        elif reservation.model in self._registry.versions:
            if await self._prove(reservation.model):
                await self._claim(reservation)
        elif time.monotonic() > self._started + LOAD_TIMEOUT_SECONDS:
            log.warning("Shard %s waits: its model is not loaded.", reservation.shard_id)
            await self.cancel_reservation()

    async def _prove(self, model: str) -> bool:
        """Complete a canary, and record it; False if this process has no row yet."""
        await self._active.run_canary(self._registry[model])
        async with self._database.connection() as connection:
            return await Workers(connection).record_canary(self._identity.id, model)

    async def _claim(self, reservation: Reservation) -> None:
        async with self._database.connection() as connection:
            shard = await GenerationShards(connection).claim_isolated(
                reservation.shard_id, self._identity
            )
            if shard is not None:
                await start_jobs(connection, [shard.job_id])
        self._forget()
        if shard is not None:
            log.warning("Shard %s runs isolated.", shard.shard_id)
            await self._start_shards([shard])

    async def cancel_reservation(self) -> None:
        """Let other processes run the shard that this one has reserved.

        Raises:
            Unavailable: PostgreSQL does not answer; the reservation expires.
        """
        reservation = self._reservation
        self._forget()
        if reservation is not None:
            async with self._database.connection() as connection:
                await IsolatedClaims(connection, self._identity).cancel(reservation)

    def _forget(self) -> None:
        self._handed_over = self._reservation = None
        self._active.is_reserved = False
