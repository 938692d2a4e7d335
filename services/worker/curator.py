"""The curator: lets the repertoire follow what is promoted, while everything plays on.

New weights are read and tried beside the old ones and take their place for whoever begins then. If
anything is wrong with them the old ones stay. Refuses to decide what is promoted.
"""

import asyncio
import logging
import time

from services.worker.model_registry import Repertoire
from shared.db.database import Database
from shared.db.models import Models
from shared.models.checkpoints import InvalidCheckpoint

log = logging.getLogger(__name__)

RETRY_SECONDS = 30.0
"""Until weights that were refused are tried again: their files may have been mended."""


class Curator:
    """Keeps one repertoire up to date."""

    def __init__(self, database: Database, repertoire: Repertoire) -> None:
        self.refused: dict[str, str] = {}
        """Why weights are not played, by version."""
        self._database = database
        self._repertoire = repertoire
        self._not_before: dict[str, float] = {}

    @property
    def resident(self) -> dict[str, str]:
        """The SHA-256 of the weights that each version is played with."""
        return self._repertoire.weights

    @property
    def numerics(self) -> dict[str, str]:
        """The arithmetic of each version."""
        return self._repertoire.numerics

    async def step(self) -> bool:
        """Take on what was promoted; whether anything was.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._database.transaction() as connection:
            promoted = await Models(connection).promoted()
        resident = self.resident
        wanted = {name: sha for name, sha in promoted.items() if resident.get(name) != sha}
        self.refused = {name: why for name, why in self.refused.items() if name in wanted}
        return any([await self._take_on(name, sha256) for name, sha256 in wanted.items()])

    async def _take_on(self, name: str, sha256: str) -> bool:
        if time.monotonic() < self._not_before.get(sha256, 0.0):
            return False
        try:
            version = await asyncio.to_thread(self._repertoire.load, name, sha256)
        except InvalidCheckpoint as refusal:
            log.error("Not taken on: %s", refusal.detail)  # noqa: TRY400 - the detail says it all
            self.refused[name] = refusal.detail
            self._not_before[sha256] = time.monotonic() + RETRY_SECONDS
            return False
        self.refused.pop(name, None)
        self._repertoire.install(version)
        return True
