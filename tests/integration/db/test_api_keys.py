"""API keys with a real PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from ostinato.schemas.account.keys import ApiKey, Scope
from services.gateway.requests.key_uses import KeyUses
from shared.db.api_keys import ALL_SCOPES, KEPT, VISIBLE_LENGTH, ApiKeys
from shared.db.database import Database
from shared.errors import NotFound, TooManyRequests, Unavailable

SECOND = timedelta(seconds=1)


@pytest.fixture
async def keys(database: Database) -> AsyncIterator[ApiKeys]:
    """The keys, inside a transaction."""
    async with database.transaction() as connection:
        yield ApiKeys(connection)


async def test_a_key_is_valid_until_it_is_revoked(keys: ApiKeys) -> None:
    created = await keys.create("ann", [Scope.TRAIN, Scope.GENERATE], name="laptop")
    found = await keys.find(created.key)
    assert found is not None
    assert (found.id, found.owner, found.expires_at) == (created.id, "ann", None)
    assert found.scopes == {Scope.GENERATE, Scope.TRAIN}
    assert created.key[:VISIBLE_LENGTH] == created.prefix
    stored = ApiKey.model_validate(created.model_dump(exclude={"key"}))
    assert await keys.get_by_prefix(created.prefix) == stored
    assert stored in await keys.list_active()
    await keys.revoke(created.id)
    assert await keys.find(created.key) is None
    with pytest.raises(NotFound):
        await keys.get_by_prefix(created.prefix)


@pytest.mark.parametrize(
    ("lifetime", "latest", "is_valid"),
    [(None, None, True), (SECOND, None, True), (-SECOND, None, False), (SECOND, -SECOND, False)],
)
async def test_a_key_is_valid_until_it_expires(
    keys: ApiKeys, lifetime: timedelta | None, latest: timedelta | None, *, is_valid: bool
) -> None:
    now = (await keys.create("ann")).created_at
    created = await keys.create(
        "ann", lifetime=lifetime, latest_expiry=None if latest is None else now + latest
    )
    limits = [limit for limit in (lifetime, latest) if limit is not None]
    assert created.expires_at == (now + min(limits) if limits else None)
    assert (await keys.find(created.key) is not None) is is_valid


async def test_a_key_of_the_previous_release_has_all_scopes(database: Database) -> None:
    """Its processes insert only the columns that they know, also after the migration."""
    insertion = """
        INSERT INTO api_keys (id, owner, prefix, sha256)
        VALUES (gen_random_uuid(), 'ann', 'ost_previous', sha256('ost_previous'))
    """
    async with database.transaction() as connection:
        await connection.execute(text(insertion))
        found = await ApiKeys(connection).find("ost_previous")
        assert found is not None
        assert (found.scopes, found.expires_at) == (ALL_SCOPES, None)
        await ApiKeys(connection).revoke(found.id)


async def test_a_rotated_key_ends_and_the_new_one_expires_with_it(keys: ApiKeys) -> None:
    old = await keys.create("ann", [Scope.TRAIN], name="ci", lifetime=timedelta(days=30))
    new = await keys.rotate(old, timedelta(hours=1))
    assert (new.owner, new.scopes, new.name) == ("ann", [Scope.TRAIN], "ci")
    assert new.expires_at == old.expires_at
    ends = (await keys.get(old.id)).expires_at
    assert ends == new.created_at + timedelta(hours=1)
    await keys.rotate(new, timedelta(0))
    assert await keys.find(new.key) is None
    with pytest.raises(NotFound):
        await keys.rotate(new, timedelta(0))


async def test_keys_that_ended_long_ago_make_room(
    keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.api_keys.MAX_KEYS_PER_OWNER", 2)
    owner = uuid4().hex
    await keys.create(owner)
    await keys.create(owner, lifetime=-KEPT + SECOND)
    with pytest.raises(TooManyRequests, match="has 2 keys"):
        await keys.make_room(owner)
    await keys.create(owner, lifetime=-KEPT - SECOND)
    monkeypatch.setattr("shared.db.api_keys.MAX_KEYS_PER_OWNER", 3)
    await keys.make_room(owner)


async def test_keys_are_not_stored_in_plain_text(database: Database) -> None:
    async with database.transaction() as connection:
        created = await ApiKeys(connection).create("ann")
        rows = await connection.execute(text("SELECT api_keys::text FROM api_keys"))
        assert not any(created.key in row[0] for row in rows)


async def last_used_at(database: Database, key_id: UUID) -> object:
    async with database.transaction() as connection:
        return (await ApiKeys(connection).get(key_id)).last_used_at


async def test_the_use_of_a_key_is_written_once_a_minute(database: Database) -> None:
    async with database.transaction() as connection:
        used, unused = [await ApiKeys(connection).create("ann") for _ in range(2)]
    uses = KeyUses(database)
    uses.add(used.id)
    await uses.write()
    first = await last_used_at(database, used.id)
    assert first is not None
    assert await last_used_at(database, unused.id) is None
    uses.add(used.id)
    await uses.close()
    assert await last_used_at(database, used.id) == first
    aged = "UPDATE api_keys SET last_used_at = now() - interval '61 s' WHERE id = :id"
    async with database.transaction() as connection:
        await connection.execute(text(aged), {"id": used.id})
    uses.add(used.id)
    await uses.close()
    assert await last_used_at(database, used.id) > first  # type: ignore[operator]


async def test_during_an_outage_used_keys_wait(database: Database) -> None:
    async with database.transaction() as connection:
        key = await ApiKeys(connection).create("ann")
    uses = KeyUses(Database("postgresql+asyncpg://a:b@127.0.0.1:9/c"))
    uses.add(key.id)
    with pytest.raises(Unavailable):
        await uses.write()
    await uses.close()
    uses._database = database
    await uses.write()
    assert await last_used_at(database, key.id) is not None
