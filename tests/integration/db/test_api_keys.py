"""API keys with a real PostgreSQL."""

import pytest
from sqlalchemy import text

from shared.db.api_keys import VISIBLE_LENGTH, ApiKeys
from shared.db.database import Database
from shared.errors import NotFound


async def test_a_key_is_valid_until_it_is_revoked(database: Database) -> None:
    async with database.transaction() as connection:
        keys = ApiKeys(connection)
        key = await keys.create("ann")
        assert await keys.find_owner(key) == "ann"
        assert key[:VISIBLE_LENGTH] in [prefix for prefix, _, _ in await keys.list_active()]
        await keys.revoke(key[:VISIBLE_LENGTH])
        assert await keys.find_owner(key) is None
        with pytest.raises(NotFound):
            await keys.revoke(key[:VISIBLE_LENGTH])


async def test_keys_are_not_stored_in_plain_text(database: Database) -> None:
    async with database.transaction() as connection:
        key = await ApiKeys(connection).create("ann")
        rows = await connection.execute(text("SELECT api_keys::text FROM api_keys"))
        assert not any(key in row[0] for row in rows)
