"""The finisher: turns what was played into committed melodies, exactly once.

Melodies, shard, counters and promised events go into one transaction under the fencing token: if
that finds the claim gone, somebody else has it, and what we made is dropped. Refuses to know the
engine.
"""

import asyncio
import logging
from collections.abc import Sequence

from ostinato.schemas.jobs import Failure, ShardState
from services.worker.active_shards import Stage
from services.worker.shard_run import Performance
from shared.db.database import Database
from shared.db.generation_shards import Claim, Shards
from shared.db.job_store import Ledger
from shared.db.melodies import Melodies, NewMelody
from shared.errors import Unavailable
from shared.outbox_publisher import Publisher

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5


class Finisher:
    """Commits performances that are over."""

    def __init__(self, database: Database, stage: Stage, publisher: Publisher) -> None:
        self._database = database
        self._stage = stage
        self._publisher = publisher

    async def finish_next(self) -> Performance:
        """Wait until a performance is over, and commit it however long PostgreSQL is away."""
        performance = await self._stage.over.get()
        try:
            await self._settle_at_last(performance, await self._files(performance))
        finally:  # whatever went wrong: its lease now ends, and somebody else has a try
            self._stage.drop(performance)
        self._publisher.soon(performance.claim.job_id)
        return performance

    async def _files(self, performance: Performance) -> Sequence[NewMelody]:
        """The melodies as files; if they cannot be written, the shard went wrong in our hands."""
        try:
            return await asyncio.to_thread(performance.melodies)
        except Exception as error:
            log.exception("The files of shard %s cannot be written.", performance.claim.shard_id)
            performance.error = f"{type(error).__name__}: {error}"
            return []

    async def _settle_at_last(
        self, performance: Performance, melodies: Sequence[NewMelody]
    ) -> None:
        """Try until PostgreSQL has said yes; if only its answer was lost, the next try sees it."""
        while True:
            try:
                return await self._settle(performance, melodies)
            except Unavailable as error:
                log.warning("Shard %s is kept: %s", performance.claim.shard_id, error.detail)
            await asyncio.sleep(RETRY_SECONDS)

    async def _settle(self, performance: Performance, melodies: Sequence[NewMelody]) -> None:
        claim = performance.claim
        async with self._database.transaction() as connection:
            if performance.error is not None:
                await Shards(connection).crash(claim, performance.error)
                return
            cancelled = claim.count - len(melodies)
            state = ShardState.CANCELLED if cancelled else ShardState.SUCCEEDED
            if not await Shards(connection).finish(claim, state):
                log.warning("Shard %s is no longer ours: dropped.", claim.shard_id)
                return
            await Melodies(connection).add(
                claim.job_id, claim.owner, melodies, streamed=performance.streamed
            )
            await Ledger(connection).count(
                claim.job_id, succeeded=len(melodies), cancelled=cancelled
            )

    async def refuse(self, claim: Claim, reason: str) -> None:
        """End a shard that cannot be played by anybody.

        Raises:
            Unavailable: PostgreSQL does not answer; the lease will end by itself.
        """
        log.error("Shard %s cannot be played: %s", claim.shard_id, reason)
        async with self._database.transaction() as connection:
            if await Shards(connection).finish(claim, ShardState.FAILED):
                failure = Failure(code="unplayable", detail=reason)
                await Ledger(connection).count(claim.job_id, failed=claim.count, error=failure)
        self._publisher.soon(claim.job_id)

    async def release(self, performance: Performance) -> None:
        """Give an unfinished shard back into its queue.

        Raises:
            Unavailable: PostgreSQL does not answer; the lease will end by itself.
        """
        self._stage.drop(performance)
        async with self._database.transaction() as connection:
            await Shards(connection).release(performance.claim)
        self._publisher.soon(performance.claim.job_id)
