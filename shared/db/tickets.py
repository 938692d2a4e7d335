"""Stream tickets: short-lived, single-use credentials for one job's event stream.

A browser cannot send a header with an EventSource or a WebSocket, and an API key must not be in a
URL. A ticket is stored as SHA-256, like an API key.
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Interval, cast, delete, func, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.tickets import Ticket
from shared.db.tables.key_tables import tickets

TICKET_LIFETIME = timedelta(seconds=60)


class StreamTickets:
    """The tickets, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def issue(self, owner: str, job_id: UUID) -> Ticket:
        """Issue a ticket for one job's event stream; expired tickets are deleted."""
        ticket = secrets.token_urlsafe(32)
        await self._connection.execute(delete(tickets).where(tickets.c.expires_at < func.now()))
        expires_at = await self._connection.scalar(
            insert(tickets)
            .values(
                sha256=_sha256(ticket),
                owner=owner,
                job_id=job_id,
                expires_at=func.now() + cast(TICKET_LIFETIME, Interval),
            )
            .returning(tickets.c.expires_at)
        )
        assert expires_at is not None  # noqa: S101 - RETURNING gives the inserted row
        return Ticket(ticket=ticket, expires_at=expires_at)

    async def redeem(self, ticket: str, job_id: UUID) -> str | None:
        """Delete the ticket and return its owner; None if it is not valid for this job."""
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


def _sha256(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
