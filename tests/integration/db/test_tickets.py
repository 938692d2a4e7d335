"""Stream tickets with a real PostgreSQL."""

from uuid import uuid4

from sqlalchemy import text

from shared.db.database import Database
from shared.db.tickets import StreamTickets


async def test_a_ticket_can_be_redeemed_once_and_for_one_job(database: Database) -> None:
    job, other = uuid4(), uuid4()
    async with database.transaction() as connection:
        tickets = StreamTickets(connection)
        ticket = (await tickets.issue("ann", job)).ticket
        assert await tickets.redeem(ticket, other) is None
        assert await tickets.redeem(ticket, job) == "ann"
        assert await tickets.redeem(ticket, job) is None


async def test_an_expired_ticket_cannot_be_redeemed(database: Database) -> None:
    job = uuid4()
    async with database.transaction() as connection:
        ticket = (await StreamTickets(connection).issue("ann", job)).ticket
        await connection.execute(text("UPDATE tickets SET expires_at = now() - interval '1 s'"))
        assert await StreamTickets(connection).redeem(ticket, job) is None
