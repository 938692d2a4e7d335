"""The heartbeat: renews leases, updates the worker's row, polls cancelled jobs.

A shard whose lease cannot be renewed was requeued or claimed by another worker, so its run is
discarded.
"""

import logging
from dataclasses import asdict

from services.worker.active_shards import ActiveShards
from services.worker.model_registry import ModelRegistry
from services.worker.model_reloader import ModelReloader
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.workers import WorkerRow, Workers
from shared.metrics.instruments import LEASES_LOST
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)

CANCEL_POLL_SECONDS = 0.25


class EngineThreadDied(RuntimeError):
    """The engine's thread has ended, so this process has to be restarted."""


class Heartbeat:
    """Keeps the leases and the row of one worker process alive."""

    def __init__(
        self,
        database: Database,
        active: ActiveShards,
        registry: ModelRegistry,
        reloader: ModelReloader,
        identity: WorkerIdentity,
    ) -> None:
        self._database = database
        self._active = active
        self._registry = registry
        self._reloader = reloader
        self._identity = identity
        self.failure: str | None = None
        """Why this process cannot generate, once it cannot; its row says so."""

    async def renew(self) -> None:
        """Renew all leases; discard the runs whose lease is lost.

        Raises:
            Unavailable: PostgreSQL does not answer; no lease is renewed.
            EngineThreadDied: no shard can finish in this process; no lease is renewed.
        """
        if not self._active.is_engine_alive:
            raise EngineThreadDied("The engine's thread has died; other workers claim its shards.")
        runs = list(self._active.in_flight.values())
        shard_ids = [run.shard.shard_id for run in runs]
        async with self._database.connection() as connection:
            await Workers(connection).upsert_heartbeat(self._row())
            if not runs:
                return
            renewed = await GenerationShards(connection).renew(
                self._identity.id, shard_ids, self._identity.lease_duration
            )
        for run in runs:
            shard = run.shard
            if (shard.shard_id, shard.attempt) not in renewed and not run.is_finished:
                log.warning(
                    *("Lost the lease of shard %s: discarded.", shard.shard_id),
                    extra=shard.log_fields,
                )
                LEASES_LOST.inc()
                self._active.discard(run)

    def _row(self) -> WorkerRow:
        return WorkerRow(
            id=self._identity.id,
            name=self._identity.name,
            engine_stats=asdict(self._active.engine_stats()),
            loaded_models={} if self.failure else self._registry.sha256_by_version,
            numerics=self._registry.numerics_by_version,
            load_errors=dict(self._reloader.load_errors) | self._failures(),
        )

    def _failures(self) -> dict[str, str]:
        """The failure of this process, for each version that it had loaded."""
        if self.failure is None:
            return {}
        return dict.fromkeys(self._registry.versions, self.failure)

    async def poll_cancellations(self) -> None:
        """Cancel the shards whose jobs were cancelled.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if not self._active.in_flight:
            return
        async with self._database.connection() as connection:
            cancelled = await GenerationShards(connection).cancel_requested(self._identity.id)
        for shard_id in cancelled:
            self._active.cancel(shard_id)

    async def deregister(self) -> None:
        """Delete the worker's row before the process ends, unless it says why it has failed.

        Raises:
            Unavailable: PostgreSQL does not answer; the row stays and becomes stale.
        """
        if self.failure is not None:
            return
        async with self._database.transaction() as connection:
            await Workers(connection).deregister(self._identity.id)
