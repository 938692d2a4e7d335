"""Claims shards while the worker has capacity.

Claiming is a loop of its own: a notification or finished melodies wake it up, and otherwise it
looks at the queues once a second, so a notification that is lost only delays a shard.
"""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from services.worker.active_shards import ActiveShards
from services.worker.run_metrics import record_claims
from shared.broker.queues import Queue
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_queue.claims import claimable_queues, start_jobs
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


class ShardClaimer:
    """Claims shards, many at a time, while there is capacity."""

    def __init__(
        self,
        database: Database,
        active: ActiveShards,
        identity: WorkerIdentity,
        *,
        versions: Collection[str],
        capacity: Mapping[Queue, int],
        start_shards: Callable[[Sequence[ClaimedShard]], Awaitable[None]],
    ) -> None:
        """`versions` is a view of the loaded models; `start_shards` gets what was claimed.

        Shards of a queue are claimed while fewer than `capacity` of its melodies are unfinished.
        """
        self._database = database
        self._active = active
        self._identity = identity
        self._versions = versions
        self._capacity = capacity
        self._start_shards = start_shards
        self.claiming = asyncio.Lock()
        """Locked from a claim until its shards are started."""
        self._wake = asyncio.Event()
        self._not_before = 0.0

    def wake(self) -> None:
        """Look at the queues now: shards were queued, or there is more capacity."""
        self._wake.set()

    async def stop(self) -> None:
        """Stop claiming shards; waits until a claim that is in progress has ended."""
        async with self.claiming:
            self._not_before = math.inf

    def back_off(self, seconds: float) -> None:
        """Claim no shard for a while after a failure, so that other workers claim the shards."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)

    async def wait_and_claim(self) -> None:
        """Claim queued shards after the next `wake`; after a second, look whether there are any.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except TimeoutError:
            async with self._database.connection() as connection:
                if not await claimable_queues(connection, list(Queue), self._versions):
                    return
        self._wake.clear()
        await self.claim_available()

    async def claim_available(self) -> None:
        """Claim queued shards until there is no capacity left, interactive ones first.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self.claiming:
            if self._may_claim():
                for queue in Queue:
                    while await self._claim(queue):
                        pass

    def _may_claim(self) -> bool:
        """False while backing off, and while an isolated shard runs or waits for this worker."""
        return time.monotonic() >= self._not_before and not self._active.has_isolated_turn

    async def _claim(self, queue: Queue) -> bool:
        """Claim shards of a queue if there is capacity; False if there was nothing to claim."""
        held = self._active.held_items(is_interactive=queue is Queue.INTERACTIVE)
        capacity = self._capacity[queue]
        max_items = capacity - held.total()
        if max_items <= 0 or not self._versions:
            return False
        async with self._database.connection() as connection:
            shards = await GenerationShards(connection).claim(
                queue,
                self._versions,
                worker=self._identity,
                max_items=max_items,
                held_items=held,
                max_items_per_owner=max(1, _share(queue, capacity, held)),
            )
            if shards:
                await start_jobs(connection, {shard.job_id for shard in shards})
        if shards:
            log.info("Claimed %d shards of %s.", len(shards), queue)
            for shard in shards:
                log.debug("Claimed shard %s.", shard.shard_id, extra=shard.log_fields)
            record_claims(queue, shards)
            await self._start_shards(shards)
        return bool(shards)

    async def claim_otherwise(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step that claims in another way, unless this worker backs off or drains."""
        async with self.claiming:
            if time.monotonic() >= self._not_before:
                await step()


def _share(queue: Queue, capacity: int, held: Counter[str]) -> int:
    """The melodies that one owner may have in this worker, so that there is room for the next one.

    For interactive jobs it is half of the free capacity (dynamic thresholds: Choudhury and Hahne
    1998): the first owner gets at most a half, the second a quarter, and their shares become equal
    as melodies finish. For batch jobs, which wait, it is one part in n + 1 with n owners.
    """
    if queue is Queue.INTERACTIVE:
        return (capacity - held.total()) // 2
    return capacity // (max(len(held), 1) + 1)
