"""The capabilities of all versions, read from PostgreSQL once a second at most."""

import asyncio
import time
from collections.abc import Mapping

from ostinato.schemas.models import Capabilities
from shared.db.database import Database
from shared.db.model_versions import ModelVersions

MAX_AGE_SECONDS = 1.0


class CapabilitiesCache:
    """By version; None for a version that is not promoted. A promotion is seen after a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._read_at = -MAX_AGE_SECONDS
        self._capabilities: Mapping[str, Capabilities | None] = {}

    async def get(self) -> Mapping[str, Capabilities | None]:
        """The capabilities, at most `MAX_AGE_SECONDS` old.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if time.monotonic() - self._read_at < MAX_AGE_SECONDS:
            return self._capabilities
        return await self.refresh()

    async def refresh(self) -> Mapping[str, Capabilities | None]:
        """The current capabilities.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        requested_at = time.monotonic()
        async with self._lock:  # requests that wait for the same answer share it
            if self._read_at < requested_at:
                read_at = time.monotonic()
                async with self._database.connection() as connection:
                    self._capabilities = await ModelVersions(connection).capabilities()
                self._read_at = read_at
        return self._capabilities
