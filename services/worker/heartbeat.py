"""The heartbeat: renews the leases, shows that the process is alive, and hears what was cancelled.

A shard whose lease could not be renewed is somebody else's: it is dropped. Refuses to know how a
shard was claimed.
"""

import logging
from dataclasses import asdict

from services.worker.active_shards import Stage
from services.worker.curator import Curator
from shared.db.database import Database
from shared.db.generation_shards import Shards
from shared.db.workers import WorkerRow, Workers
from shared.worker_identity import Identity

log = logging.getLogger(__name__)

WATCH_SECONDS = 0.25
"""Between two looks for jobs that were cancelled."""


class EngineDied(RuntimeError):
    """This process can do nothing more."""


class Heartbeat:
    """Speaks for one worker process."""

    def __init__(
        self, database: Database, stage: Stage, curator: Curator, identity: Identity
    ) -> None:
        self._database = database
        self._stage = stage
        self._curator = curator
        self._identity = identity

    async def beat(self) -> None:
        """Renew everything; drop what is no longer ours.

        Raises:
            Unavailable: PostgreSQL does not answer; the leases run on towards their end.
            EngineDied: nothing that is held will ever be over, so nothing is renewed.
        """
        if not self._stage.is_alive:
            raise EngineDied("The engine's thread is dead; its shards go to another worker.")
        before = list(self._stage.held.values())
        held = [performance.claim.shard_id for performance in before]
        row = WorkerRow(
            id=self._identity.id,
            name=self._identity.name,
            engine=asdict(self._stage.stats()),
            resident=self._curator.resident,
            numerics=self._curator.numerics,
            refused=dict(self._curator.refused),
        )
        async with self._database.transaction() as connection:
            await Workers(connection).beat(row)
            renewed = await Shards(connection).extend(self._identity.id, held, self._identity.lease)
        for performance in before:
            claim = performance.claim
            if (claim.shard_id, claim.attempt) not in renewed and not performance.is_over:
                log.warning("Shard %s is no longer ours: dropped.", claim.shard_id)
                self._stage.drop(performance)

    async def watch(self) -> None:
        """Give up the shards whose jobs were cancelled.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if not self._stage.held:
            return
        async with self._database.transaction() as connection:
            cancelled = await Shards(connection).to_cancel(self._identity.id)
        for shard_id in cancelled:
            self._stage.cancel(shard_id)

    async def leave(self) -> None:
        """Say that the process ends.

        Raises:
            Unavailable: PostgreSQL does not answer; the row will age.
        """
        async with self._database.transaction() as connection:
            await Workers(connection).leave(self._identity.id)
