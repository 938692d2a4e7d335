"""API keys: created once in plain text, stored as SHA-256.

A key has 256 random bits, so an unsalted hash is enough: there is nothing to guess.
"""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import ARRAY, LargeBinary, any_, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.key_tables import api_keys
from shared.errors import NotFound
from shared.ids import new_id

PREFIX = "ost_"
VISIBLE_LENGTH = len(PREFIX) + 6
"""Characters of a key that are stored in plain text, to identify it in lists."""


class ApiKeys:
    """The API keys, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(self, owner: str) -> str:
        """A new key for the owner; it cannot be shown again."""
        key = PREFIX + secrets.token_urlsafe(32)
        await self._connection.execute(
            insert(api_keys).values(
                id=new_id(), owner=owner, prefix=key[:VISIBLE_LENGTH], sha256=key_digest(key)
            )
        )
        return key

    async def find_owner(self, key: str) -> str | None:
        """The owner of a key; None if the key is unknown or revoked."""
        digest = key_digest(key)
        return (await self.find_owners([digest])).get(digest)

    async def find_owners(self, digests: Sequence[bytes]) -> dict[bytes, str]:
        """The owners of the keys with these digests; unknown and revoked keys are missing.

        The look-up is by digest, so its duration reveals nothing about stored keys.
        """
        rows = await self._connection.execute(
            select(api_keys.c.sha256, api_keys.c.owner).where(
                api_keys.c.sha256 == any_(literal(digests, ARRAY(LargeBinary))),
                api_keys.c.revoked_at.is_(None),
            )
        )
        return {row.sha256: row.owner for row in rows}

    async def list_active(self) -> list[tuple[str, str, str]]:
        """(prefix, owner, created) of every key that is not revoked."""
        rows = await self._connection.execute(
            select(api_keys).where(api_keys.c.revoked_at.is_(None)).order_by(api_keys.c.id)
        )
        return [(row.prefix, row.owner, row.created_at.isoformat()) for row in rows]

    async def revoke(self, prefix: str) -> None:
        """Revoke the key with this prefix.

        Raises:
            NotFound: no active key has this prefix.
        """
        revoked = await self._connection.execute(
            update(api_keys)
            .where(api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=func.now())
            .returning(api_keys.c.id)
        )
        if revoked.first() is None:
            raise NotFound("key", prefix)


def key_digest(key: str) -> bytes:
    """The SHA-256 by which a key is stored."""
    return hashlib.sha256(key.encode()).digest()
