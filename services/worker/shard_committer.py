"""Commits finished shards exactly once.

Melodies, shard, counters and outbox messages are written in one transaction under the fencing token
(the attempt): if another worker has claimed the shard since, nothing is written.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from ostinato.schemas.jobs import JobError, ShardState
from services.worker.active_shards import ActiveShards
from services.worker.shard_run import ShardRun
from shared.background import retry_until_available
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_store import JobStore
from shared.db.melodies import Melodies, NewMelody
from shared.outbox_publisher import OutboxPublisher

log = logging.getLogger(__name__)


class ShardCommitter:
    """Commits, fails or releases the shards of one worker."""

    def __init__(
        self, database: Database, active: ActiveShards, publisher: OutboxPublisher
    ) -> None:
        self._database = database
        self._active = active
        self._publisher = publisher

    async def commit_next(self) -> ShardRun:
        """Wait for a finished run and commit it, however long PostgreSQL is unavailable."""
        run = await self._active.finished.get()
        try:
            melodies = await self._render_midi(run)
            # If only PostgreSQL's reply was lost, the retry finds a committed shard and stops.
            commit = partial(self._commit, run, melodies)
            await retry_until_available(f"The commit of shard {run.shard.shard_id}", commit)
        finally:  # after an unexpected error the lease expires, and another worker retries
            self._active.discard(run)
        self._publisher.schedule(run.shard.job_id)
        return run

    async def _render_midi(self, run: ShardRun) -> Sequence[NewMelody]:
        """The melodies as MIDI files; an error while writing them is an error of the run."""
        try:
            return await asyncio.to_thread(run.melodies)
        except Exception as error:
            log.exception("Cannot write the MIDI files of shard %s.", run.shard.shard_id)
            run.error = f"{type(error).__name__}: {error}"
            return []

    async def _commit(self, run: ShardRun, melodies: Sequence[NewMelody]) -> None:
        shard = run.shard
        async with self._database.transaction() as connection:
            if run.error is not None:
                await GenerationShards(connection).report_crash(shard, run.error)
                return
            cancelled = shard.num_items - len(melodies)
            state = ShardState.CANCELLED if cancelled else ShardState.SUCCEEDED
            if not await GenerationShards(connection).finish(shard, state):
                log.warning("Lost the lease of shard %s: discarded.", shard.shard_id)
                return
            await Melodies(connection).add(
                shard.job_id, shard.owner, melodies, streamed=run.is_interactive
            )
            await JobStore(connection).add_results(
                shard.job_id, succeeded=len(melodies), cancelled=cancelled
            )

    async def fail(self, shard: ClaimedShard, reason: str) -> None:
        """Fail a shard that no worker can generate.

        Raises:
            Unavailable: PostgreSQL does not answer; the lease expires.
        """
        log.error("Shard %s cannot be generated: %s", shard.shard_id, reason)
        async with self._database.transaction() as connection:
            if await GenerationShards(connection).finish(shard, ShardState.FAILED):
                error = JobError(code="invalid_primer", detail=reason)
                await JobStore(connection).add_results(
                    shard.job_id, failed=shard.num_items, error=error
                )
        self._publisher.schedule(shard.job_id)

    async def release(self, run: ShardRun) -> None:
        """Return an unfinished shard to its queue.

        Raises:
            Unavailable: PostgreSQL does not answer; the lease expires.
        """
        self._active.discard(run)
        async with self._database.transaction() as connection:
            await GenerationShards(connection).release(run.shard)
        self._publisher.schedule(run.shard.job_id)
