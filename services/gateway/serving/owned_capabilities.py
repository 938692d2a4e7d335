"""The capabilities of model versions, as far as the owner of a key may use them."""

from collections.abc import Mapping
from typing import Self

from ostinato.schemas.models import Capabilities
from shared.db.api_keys import ValidKey
from shared.db.database import Database
from shared.db.model_versions import ModelVersions

Versions = Mapping[str, Capabilities | None]
"""The capabilities of each version; None for one of which no weights may be requested."""


class OwnedCapabilities:
    """The capabilities of all versions, by owner.

    A key sees the versions that everybody may use and those of its owner; an admin's sees all.
    """

    def __init__(self, by_owner: Mapping[str | None, Versions]) -> None:
        self._by_owner = by_owner
        self._visible: dict[str | None, Versions] = {}
        """What the owners of versions see, and for None an admin: merged on first use."""

    @classmethod
    async def read(cls, database: Database) -> Self:
        """The current capabilities.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with database.connection() as connection:
            return cls(await ModelVersions(connection).capabilities())

    def visible_to(self, key: ValidKey) -> Versions:
        """Those of the versions that a key may use."""
        published = self._by_owner.get(None, {})
        if not key.is_admin and key.owner not in self._by_owner:
            return published
        view = None if key.is_admin else key.owner
        if view not in self._visible:
            parts = self._by_owner.values() if key.is_admin else (self._by_owner[key.owner],)
            self._visible[view] = _merge(published, *parts)
        return self._visible[view]


def _merge(*parts: Versions) -> Versions:
    """All versions of the parts; of weights with one name, those that may be requested."""
    merged: dict[str, Capabilities | None] = {}
    for part in parts:
        for name, capabilities in part.items():
            merged[name] = merged.get(name) or capabilities
    return merged
