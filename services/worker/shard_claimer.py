"""The intake: how much this process takes on, and which shards.

A hint is tried at once; whenever there is room, PostgreSQL is asked for what waits there, so a hint
that came while the house was full, or never came, delays a shard and loses none. Refuses to know
how a shard is played.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from uuid import UUID

from services.worker.active_shards import Stage
from shared.broker.queues import QUEUE_OF, Queue
from shared.db.database import Database
from shared.db.generation_shards import Claim, Shards
from shared.messages import Hint
from shared.worker_identity import Identity

log = logging.getLogger(__name__)


class Intake:
    """Claims shards, one at a time, while there is room."""

    def __init__(
        self,
        database: Database,
        stage: Stage,
        identity: Identity,
        *,
        models: Collection[str],
        room: Mapping[Queue, int],
        begin: Callable[[Claim], Awaitable[None]],
    ) -> None:
        """`models` is a view of what can be played; `begin` gets each claim.

        `room` is how many melodies of each queue may be held before no further shard is claimed.
        """
        self._database = database
        self._stage = stage
        self._models = models
        self._identity = identity
        self._room = room
        self._begin = begin
        self._one_at_a_time = asyncio.Lock()
        self._not_before = 0.0

    async def close(self) -> None:
        """Claim nothing more; a claim that is under way is finished first."""
        async with self._one_at_a_time:
            self._not_before = math.inf

    def rest(self, seconds: float) -> None:
        """Claim nothing for a while: something is wrong here, and others may do better."""
        self._not_before = time.monotonic() + seconds

    async def offer(self, queue: Queue, hint: Hint) -> None:
        """Claim the shard that a hint names, if there is room and nobody has it.

        Raises:
            Unavailable: PostgreSQL does not answer; the shard stays where it was.
        """
        async with self._one_at_a_time:
            if await self._is_free() and self._has_room(queue):
                await self._claim(hint.shard_id, hint.attempt)

    async def fill(self) -> None:
        """Claim what waits until there is no more room, interactive shards first.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._one_at_a_time:
            if not await self._is_free():
                return
            for queue in Queue:
                while self._has_room(queue) and await self._claim_oldest(queue):
                    pass

    async def _is_free(self) -> bool:
        """Whether to claim at all; where a shard waits that has to run alone, the house empties."""
        if time.monotonic() < self._not_before:
            return False
        if not self._stage.held:
            return True
        async with self._database.transaction() as connection:
            return not await Shards(connection).suspect_waits(self._models)

    def _has_room(self, queue: Queue) -> bool:
        claims = [performance.claim for performance in self._stage.held.values()]
        if any(claim.alone for claim in claims):
            return False
        held = sum(
            claim.count for claim in claims if QUEUE_OF[claim.request.effective_priority] is queue
        )
        return held < self._room[queue]

    async def _claim_oldest(self, queue: Queue) -> bool:
        async with self._database.transaction() as connection:
            waiting = await Shards(connection).waiting(
                queue, self._models, alone=not self._stage.held
            )
        for shard_id, attempt in waiting:
            if await self._claim(shard_id, attempt):
                return True
        return False

    async def _claim(self, shard_id: UUID, attempt: int) -> bool:
        async with self._database.transaction() as connection:
            claim = await Shards(connection).claim(
                shard_id,
                attempt,
                worker_id=self._identity.id,
                lease=self._identity.lease,
                models=self._models,
                alone=not self._stage.held,
            )
        if claim is not None:
            log.info("Shard %s, attempt %d: %d melodies.", shard_id, claim.attempt, claim.count)
            await self._begin(claim)
        return claim is not None
