"""Keys and tickets in the real PostgreSQL: only digests are kept, tickets open once."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.db.api_keys import VISIBLE, Keys, Tickets
from shared.db.database import Database
from shared.errors import NotFound


async def test_a_key_opens_until_it_is_revoked(database: Database) -> None:
    async with database.transaction() as connection:
        keys = Keys(connection)
        key = await keys.create("ann")
        assert await keys.owner_of(key) == "ann"
        assert key[:VISIBLE] in [prefix for prefix, _, _ in await keys.valid()]
        await keys.revoke(key[:VISIBLE])
        assert await keys.owner_of(key) is None
        with pytest.raises(NotFound):
            await keys.revoke(key[:VISIBLE])


async def test_the_database_holds_no_key(database: Database) -> None:
    async with database.transaction() as connection:
        key = await Keys(connection).create("ann")
        rows = await connection.execute(text("SELECT api_keys::text FROM api_keys"))
        assert not any(key in row[0] for row in rows)


async def test_a_ticket_opens_one_job_once(database: Database) -> None:
    job, other = uuid4(), uuid4()
    async with database.transaction() as connection:
        tickets = Tickets(connection)
        ticket = (await tickets.issue("ann", job)).ticket
        assert await tickets.spend(ticket, other) is None
        assert await tickets.spend(ticket, job) == "ann"
        assert await tickets.spend(ticket, job) is None


async def test_an_expired_ticket_opens_nothing(database: Database) -> None:
    job = uuid4()
    async with database.transaction() as connection:
        ticket = (await Tickets(connection).issue("ann", job)).ticket
        await connection.execute(text("UPDATE tickets SET expires_at = now() - interval '1 s'"))
        assert await Tickets(connection).spend(ticket, job) is None
