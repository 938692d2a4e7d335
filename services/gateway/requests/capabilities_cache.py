"""The capabilities of all versions, read from PostgreSQL once a second at most."""

import asyncio
import time
from collections.abc import Mapping

from ostinato.schemas.models import Capabilities
from shared.db.api_keys import ValidKey
from shared.db.database import Database
from shared.db.model_versions import ModelVersions

MAX_AGE_SECONDS = 1.0

Versions = Mapping[str, Capabilities | None]


class CapabilitiesCache:
    """By version; None for a version that is not promoted. A promotion is seen after a second.

    A key sees the versions that everybody may use and those of its owner; an admin's sees all.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._read_at = -MAX_AGE_SECONDS
        self._by_owner: Mapping[str | None, Versions] = {}
        self._visible: dict[str | None, Versions] = {}
        """What the owners of versions see, and for None an admin: merged on first use."""

    async def get(self, key: ValidKey) -> Versions:
        """The capabilities, at most `MAX_AGE_SECONDS` old.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if time.monotonic() - self._read_at < MAX_AGE_SECONDS:
            return self._visible_to(key)
        return await self.refresh(key)

    async def refresh(self, key: ValidKey) -> Versions:
        """The current capabilities.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        requested_at = time.monotonic()
        async with self._lock:  # requests that wait for the same answer share it
            if self._read_at < requested_at:
                read_at = time.monotonic()
                async with self._database.connection() as connection:
                    self._by_owner = await ModelVersions(connection).capabilities()
                self._visible = {}
                self._read_at = read_at
        return self._visible_to(key)

    def _visible_to(self, key: ValidKey) -> Versions:
        published = self._by_owner.get(None, {})
        if not key.is_admin and key.owner not in self._by_owner:
            return published
        view = None if key.is_admin else key.owner
        if view not in self._visible:
            parts = self._by_owner.values() if key.is_admin else (self._by_owner[key.owner],)
            self._visible[view] = _merge(published, *parts)
        return self._visible[view]


def _merge(*parts: Versions) -> Versions:
    """All versions of the parts; of weights with one name, those that are promoted."""
    merged: dict[str, Capabilities | None] = {}
    for part in parts:
        for name, capabilities in part.items():
            merged[name] = merged.get(name) or capabilities
    return merged
