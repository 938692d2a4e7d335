"""Records when keys were last used, in the background: no request waits for it."""

import asyncio
from contextlib import suppress
from uuid import UUID

from shared.background import run_periodically
from shared.db.api_keys import ApiKeys
from shared.db.database import Database
from shared.errors import Unavailable

INTERVAL_SECONDS = 60.0
MAX_KEYS = 10_000
"""Keys that may wait to be recorded; the use of others is recorded the next time."""
KEYS_PER_STATEMENT = 500


class KeyUses:
    """The keys that were used since the last pass."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: set[UUID] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Write what is collected, once a minute, until `close`."""
        step = run_periodically(INTERVAL_SECONDS, "The record of used keys", self.write)
        self._task = asyncio.create_task(step)

    def add(self, key_id: UUID) -> None:
        """Collect that a key was used."""
        if len(self._waiting) < MAX_KEYS:
            self._waiting.add(key_id)

    async def write(self) -> None:
        """Write what is collected; what cannot be written waits for the next pass.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        while self._waiting:
            key_ids = sorted(self._waiting)[:KEYS_PER_STATEMENT]
            async with self._database.transaction() as connection:
                await ApiKeys(connection).record_use(key_ids)
            self._waiting.difference_update(key_ids)

    async def close(self) -> None:
        """Write what is left, unless PostgreSQL is not available."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(Unavailable):
            await self.write()
