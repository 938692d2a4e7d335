"""API keys and tickets: only their SHA-256 is kept, so a stolen database opens nothing.

A key is 256 random bits; hashing it once is enough, as there is nothing to guess. Refuses to know
what a key opens.
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Interval, cast, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.tickets import Ticket
from shared.db.tables import api_keys, tickets
from shared.errors import NotFound
from shared.ids import new_id

PREFIX = "ost_"
VISIBLE = len(PREFIX) + 6
"""Characters of a key that may be shown, to tell keys apart."""
TICKET_LIFE = timedelta(seconds=60)


class Keys:
    """The keys inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(self, owner: str) -> str:
        """A new key for the owner; this is the only time that it is seen."""
        key = PREFIX + secrets.token_urlsafe(32)
        await self._connection.execute(
            insert(api_keys).values(
                id=new_id(), owner=owner, prefix=key[:VISIBLE], sha256=_sha256(key)
            )
        )
        return key

    async def owner_of(self, key: str) -> str | None:
        """Who holds this key; None if nobody does (any more).

        The look-up is by digest, so its time tells nothing of a stored key.
        """
        owner: str | None = await self._connection.scalar(
            select(api_keys.c.owner).where(
                api_keys.c.sha256 == _sha256(key), api_keys.c.revoked_at.is_(None)
            )
        )
        return owner

    async def valid(self) -> list[tuple[str, str, str]]:
        """(prefix, owner, created) of every key that opens."""
        rows = await self._connection.execute(
            select(api_keys).where(api_keys.c.revoked_at.is_(None)).order_by(api_keys.c.id)
        )
        return [(row.prefix, row.owner, row.created_at.isoformat()) for row in rows]

    async def revoke(self, prefix: str) -> None:
        """Close the key with this prefix.

        Raises:
            NotFound: no valid key begins so.
        """
        revoked = await self._connection.execute(
            update(api_keys)
            .where(api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=func.now())
            .returning(api_keys.c.id)
        )
        if revoked.first() is None:
            raise NotFound("key", prefix)


class Tickets:
    """The tickets inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def issue(self, owner: str, job_id: UUID) -> Ticket:
        """A ticket for one look at one job's events; what has expired is swept out."""
        ticket = secrets.token_urlsafe(32)
        await self._connection.execute(delete(tickets).where(tickets.c.expires_at < func.now()))
        expires_at = await self._connection.scalar(
            insert(tickets)
            .values(
                sha256=_sha256(ticket),
                owner=owner,
                job_id=job_id,
                expires_at=func.now() + cast(TICKET_LIFE, Interval),
            )
            .returning(tickets.c.expires_at)
        )
        assert expires_at is not None  # noqa: S101 - RETURNING gives the row that was inserted
        return Ticket(ticket=ticket, expires_at=expires_at)

    async def spend(self, ticket: str, job_id: UUID) -> str | None:
        """The owner whose ticket for this job it was; None if it is no good (any more)."""
        owner: str | None = await self._connection.scalar(
            delete(tickets)
            .where(
                tickets.c.sha256 == _sha256(ticket),
                tickets.c.job_id == job_id,
                tickets.c.expires_at > func.now(),
            )
            .returning(tickets.c.owner)
        )
        return owner


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
