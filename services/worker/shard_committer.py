"""Commits melodies as they finish, those of many shards together (group commit).

Melodies, shards, counters and outbox messages are written in one transaction under the fencing
tokens (the attempts): nothing is written for a shard that another worker has claimed since.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from uuid import UUID

from services.worker.active_shards import ActiveShards
from services.worker.canary import CanaryFailed
from services.worker.run_metrics import record_commit, record_trace
from services.worker.shard_run import ShardRun
from shared.background import retry_until_available
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.results import ShardResults, commit_results
from shared.metrics.instruments import LEASES_LOST
from shared.outbox_publisher import OutboxPublisher
from shared.tracing import JobTracer

log = logging.getLogger(__name__)

REJECTED_DATA = frozenset({"22", "23"})
"""Classes of SQLSTATEs that say that PostgreSQL rejects a value; others are not about the data."""
COUNTS_INTERVAL_SECONDS = 1.0
"""A worker publishes the counts of a batch at most once in this time."""


class DeviceFailed(RuntimeError):
    """This process cannot generate; the message is the error."""


Group = Sequence[tuple[ShardRun, ShardResults]]


class ShardCommitter:
    """Commits, retries or releases the shards of one worker."""

    def __init__(
        self,
        database: Database,
        active: ActiveShards,
        publisher: OutboxPublisher,
        tracer: JobTracer | None = None,
    ) -> None:
        self._database = database
        self._active = active
        self._publisher = publisher
        self._tracer = tracer
        self._announced_at: dict[UUID, float] = {}

    async def commit_next(self) -> list[ShardRun]:
        """Wait for finished melodies and commit them; returns the runs that have ended.

        While PostgreSQL is unavailable it waits, and further melodies join the next group.

        Raises:
            DeviceFailed: this process cannot continue; the run that it failed is still in flight.
        """
        runs = await self._active.next_finished()
        try:
            finished = [(run, run.take_finished()) for run in runs]
            # In a thread, because writing many files would delay the heartbeat.
            group = await asyncio.to_thread(
                lambda: [(run, run.results(builders)) for run, builders in finished]
            )
            await self._commit_or_split(group)
        except Exception:  # the leases expire, and other workers retry
            for run in runs:
                self._active.discard(run)
            raise
        self._publisher.schedule(*{run.shard.job_id for run in runs})
        ended = [run for run in runs if run.all_taken]
        for run in ended:
            if run.error is not None:
                await self._report(run, run.error)
            self._active.discard(run)
        return ended

    async def _commit_or_split(self, group: Group) -> None:
        """Commit a group; if it fails, each shard alone, so that only the faulty ones fail."""
        try:
            await self._commit(group)
        except Exception as error:
            if len(group) == 1:
                self._fail(group[0][0], error)
                return
            log.exception("%d shards cannot be committed together.", len(group))
            for part in group:
                await self._commit_or_split([part])

    def _fail(self, run: ShardRun, error: Exception) -> None:
        """End a run whose melodies cannot be committed."""
        log.error(
            *("Shard %s cannot be committed.", run.shard.shard_id),
            exc_info=error,
            extra=run.shard.log_fields,
        )
        run.fail(error)
        sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None)
        if sqlstate is not None and sqlstate[:2] not in REJECTED_DATA:
            run.is_device_error = True  # no other shard can be committed either
        self._active.cancel(run.shard.shard_id)

    async def _commit(self, group: Group) -> None:
        repetition, announced = False, self._batches_to_announce(group)

        async def commit() -> set[UUID]:
            nonlocal repetition
            is_repetition, repetition = repetition, True
            async with self._database.transaction() as connection:
                results = [results for _, results in group]
                return await commit_results(
                    connection, results, announced=announced, is_repetition=is_repetition
                )

        lost = await retry_until_available("The commit of finished melodies", commit)
        for run, results in group:
            if run.shard.shard_id in lost:
                log.warning(
                    *("Lost the lease of shard %s: discarded.", run.shard.shard_id),
                    extra=run.shard.log_fields,
                )
                LEASES_LOST.inc()
                self._active.discard(run)
                continue
            record_commit(run, results)
            if self._tracer is not None and results.has_ended:
                record_trace(self._tracer, run)

    def _batches_to_announce(self, group: Group) -> set[UUID]:
        """The batches in a group whose counts were not published within the last second."""
        now = time.monotonic()
        self._announced_at = {
            job_id: at
            for job_id, at in self._announced_at.items()
            if now - at < COUNTS_INTERVAL_SECONDS
        }
        batches = {run.shard.job_id for run, _ in group if run.shard.is_batch}
        announced = batches - self._announced_at.keys()
        self._announced_at.update(dict.fromkeys(announced, now))
        return announced

    async def _report(self, run: ShardRun, cause: str) -> None:
        """Count a failed attempt, unless this process cannot generate anything else either.

        Raises:
            DeviceFailed: the process, and not the shard, is the cause.
        """
        if not run.is_device_error:
            try:
                await self._active.run_canary(run.model)
            except CanaryFailed as failure:
                run.is_device_error = True
                cause = f"{cause}; another melody fails as well: {failure}"
        if run.is_device_error:
            raise DeviceFailed(cause)

        async def report() -> None:
            async with self._database.transaction() as connection:
                await GenerationShards(connection).report_failed_attempt(run.shard, cause)

        await retry_until_available(f"The report about shard {run.shard.shard_id}", report)

    async def give_back(self, run: ShardRun, cause: str, *, is_suspect: bool) -> None:
        """Give back a shard that this process cannot finish, because it does not work.

        Raises:
            Unavailable: PostgreSQL does not answer; the lease expires.
        """
        self._active.discard(run)
        async with self._database.transaction() as connection:
            shards = GenerationShards(connection)
            if is_suspect:
                await shards.report_crash(run.shard, cause)
            else:
                await shards.release(run.shard)
        self._publisher.schedule(run.shard.job_id)

    async def release(self, run: ShardRun) -> None:
        """Return an unfinished shard to its queue.

        Raises:
            Unavailable: PostgreSQL does not answer; the lease expires.
        """
        await self.give_back(run, "", is_suspect=False)
