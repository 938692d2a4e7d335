"""The heartbeat: renews the claims of all benches, and hears which errands are to be given back.

A claim that could not be renewed is somebody else's: its child is ended. Refuses to know how an
errand was claimed.
"""

import time
from collections.abc import Sequence

from services.trainer.identity import Identity
from services.trainer.jobs.runner import Bench
from shared.db.database import Database
from shared.db.trainer_jobs import Errands

WATCH_SECONDS = 0.25
"""Between two looks for what was paused or cancelled."""


class Heartbeat:
    """Speaks for one trainer process."""

    def __init__(self, database: Database, benches: Sequence[Bench], identity: Identity) -> None:
        self._database = database
        self._benches = benches
        self._identity = identity

    async def beat(self) -> None:
        """Renew everything; drop what is no longer ours.

        Raises:
            Unavailable: PostgreSQL does not answer; children wait before they write anything.
        """
        held = [(bench, bench.errand) for bench in self._benches if bench.errand is not None]
        if not held:
            return
        until = time.monotonic() + self._identity.lease.total_seconds()
        shards = [errand.shard_id for _, errand in held]
        async with self._database.transaction() as connection:
            renewed = await Errands(connection).extend(
                self._identity.id, shards, self._identity.lease
            )
        for bench, errand in held:
            if (errand.shard_id, errand.attempt) in renewed:
                bench.hold(errand, until)
            else:
                bench.drop(errand)

    async def watch(self) -> None:
        """Let go of what was paused or cancelled.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if all(bench.errand is None for bench in self._benches):
            return
        async with self._database.transaction() as connection:
            unwanted = await Errands(connection).to_stop(self._identity.id)
        for bench in self._benches:
            if bench.errand is not None and bench.errand.shard_id in unwanted:
                bench.stop()
