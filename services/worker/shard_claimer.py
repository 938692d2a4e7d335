"""Claims shards while the worker has capacity.

A notified shard is claimed at once. Whenever there is capacity, the worker also queries PostgreSQL
for queued shards, so a notification that is lost or arrives too early only delays a shard.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from uuid import UUID

from services.worker.active_shards import ActiveShards
from shared.broker.queues import QUEUE_BY_PRIORITY, Queue
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.messages import ShardNotification
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)


class ShardClaimer:
    """Claims shards, one at a time, while there is capacity."""

    def __init__(
        self,
        database: Database,
        active: ActiveShards,
        identity: WorkerIdentity,
        *,
        versions: Collection[str],
        capacity: Mapping[Queue, int],
        start_shard: Callable[[ClaimedShard], Awaitable[None]],
    ) -> None:
        """`versions` is a view of the loaded models; `start_shard` is called with each claim.

        A shard of a queue is claimed while fewer than `capacity` melodies of it are in flight.
        """
        self._database = database
        self._active = active
        self._identity = identity
        self._versions = versions
        self._capacity = capacity
        self._start_shard = start_shard
        self._lock = asyncio.Lock()
        self._not_before = 0.0

    async def stop(self) -> None:
        """Stop claiming shards; waits until a claim that is in progress has ended."""
        async with self._lock:
            self._not_before = math.inf

    def back_off(self, seconds: float) -> None:
        """Claim no shard for a while after a failure, so that other workers claim the shards."""
        self._not_before = time.monotonic() + seconds

    async def try_claim(self, queue: Queue, notification: ShardNotification) -> None:
        """Claim the shard of a notification if there is capacity and the shard is still queued.

        Raises:
            Unavailable: PostgreSQL does not answer; the shard stays queued.
        """
        async with self._lock:
            if await self._may_claim() and self._has_capacity(queue):
                await self._claim(notification.shard_id, notification.attempt)

    async def claim_available(self) -> None:
        """Claim queued shards until there is no capacity left, interactive ones first.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._lock:
            if not await self._may_claim():
                return
            for queue in Queue:
                while self._has_capacity(queue) and await self._claim_next(queue):
                    pass

    async def _may_claim(self) -> bool:
        """False while backing off, and while an isolated shard waits for the worker to be idle."""
        if time.monotonic() < self._not_before:
            return False
        if not self._active.in_flight:
            return True
        async with self._database.transaction() as connection:
            return not await GenerationShards(connection).isolation_pending(self._versions)

    def _has_capacity(self, queue: Queue) -> bool:
        shards = [run.shard for run in self._active.in_flight.values()]
        if any(shard.is_isolated for shard in shards):
            return False
        in_flight = sum(
            shard.num_items
            for shard in shards
            if QUEUE_BY_PRIORITY[shard.request.resolved_priority] is queue
        )
        return in_flight < self._capacity[queue]

    async def _claim_next(self, queue: Queue) -> bool:
        async with self._database.transaction() as connection:
            queued = await GenerationShards(connection).claim_candidates(
                queue, self._versions, allow_isolated=not self._active.in_flight
            )
        for shard_id, attempt in queued:
            if await self._claim(shard_id, attempt):
                return True
        return False

    async def _claim(self, shard_id: UUID, attempt: int) -> bool:
        async with self._database.transaction() as connection:
            shard = await GenerationShards(connection).claim(
                shard_id,
                attempt,
                worker_id=self._identity.id,
                lease_duration=self._identity.lease_duration,
                models=self._versions,
                allow_isolated=not self._active.in_flight,
            )
        if shard is not None:
            log.info("Shard %s, attempt %d: %d melodies.", shard_id, shard.attempt, shard.num_items)
            await self._start_shard(shard)
        return shard is not None
