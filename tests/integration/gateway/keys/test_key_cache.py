"""API keys are cached for a second, with a real PostgreSQL and a clock of the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.local.stack import Stack
from services.gateway.requests import key_cache
from services.gateway.requests.key_cache import LIFETIME_SECONDS, KeyCache
from shared.db.api_keys import VISIBLE_LENGTH, ApiKeys, ValidKey
from shared.db.database import Database
from shared.errors import Unavailable


class CountingDatabase(Database):
    """Counts the connections."""

    count = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        self.count += 1
        async with super().connection() as connection:
            yield connection


def owner(key: ValidKey | None) -> str | None:
    return None if key is None else key.owner


class Fixture:
    """A cache with a clock, and a key."""

    def __init__(self, database: CountingDatabase) -> None:
        self.database = database
        self.now = 0.0
        self.cache = KeyCache(database, lambda: self.now)

    async def create(self, owner: str) -> str:
        async with self.database.transaction() as connection:
            key = (await ApiKeys(connection).create(owner)).key
        self.database.count = 0
        return key

    async def revoke(self, key: str) -> None:
        async with self.database.transaction() as connection:
            keys = ApiKeys(connection)
            await keys.revoke((await keys.get_by_prefix(key[:VISIBLE_LENGTH])).id)
        self.database.count = 0


@pytest.fixture
async def fixture(backends: Stack) -> AsyncIterator[Fixture]:
    database = CountingDatabase(backends.database_url, pool_size=2)
    yield Fixture(database)
    await database.close()


async def test_a_key_is_looked_up_once_a_second(fixture: Fixture) -> None:
    key = await fixture.create("ann")
    for _ in range(100):
        assert owner(await fixture.cache.find(key)) == "ann"
    assert fixture.database.count == 1
    fixture.now += LIFETIME_SECONDS
    assert owner(await fixture.cache.find(key)) == "ann"
    assert fixture.database.count == 2


async def test_a_revoked_key_is_valid_for_up_to_a_second(fixture: Fixture) -> None:
    key = await fixture.create("ann")
    assert owner(await fixture.cache.find(key)) == "ann"
    await fixture.revoke(key)
    assert owner(await fixture.cache.find(key)) == "ann"
    fixture.now += LIFETIME_SECONDS
    assert await fixture.cache.find(key) is None


async def test_an_unknown_key_is_looked_up_once_a_second(fixture: Fixture) -> None:
    for _ in range(100):
        assert await fixture.cache.find("ost_unknown") is None
    assert fixture.database.count == 1


async def test_requests_at_the_same_time_share_queries(fixture: Fixture) -> None:
    key = await fixture.create("ann")
    keys = [key, *(f"ost_{number}" for number in range(900))] * 2
    found = await asyncio.gather(*map(fixture.cache.find, keys))
    assert [*map(owner, found)] == ["ann", *[None] * 900] * 2
    assert fixture.database.count == 2


async def test_unknown_keys_are_bounded_and_do_not_replace_valid_ones(
    fixture: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_cache, "MAX_ENTRIES", 10)
    key = await fixture.create("ann")
    assert owner(await fixture.cache.find(key)) == "ann"
    await asyncio.gather(*(fixture.cache.find(f"ost_{number}") for number in range(100)))
    fixture.database.count = 0
    assert owner(await fixture.cache.find(key)) == "ann"
    assert await fixture.cache.find("ost_99") is None
    assert fixture.database.count == 0
    await fixture.cache.find("ost_0")
    assert fixture.database.count == 1


async def test_a_cancelled_request_does_not_fail_the_others(fixture: Fixture) -> None:
    key = await fixture.create("ann")
    first, second = [asyncio.create_task(fixture.cache.find(key)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    assert owner(await second) == "ann"
    assert owner(await fixture.cache.find(key)) == "ann"
    assert fixture.database.count == 1


async def test_an_outage_is_reported_and_not_cached(fixture: Fixture) -> None:
    key = await fixture.create("ann")
    cache = KeyCache(Database("postgresql+asyncpg://a:b@127.0.0.1:9/c"))
    for result in await asyncio.gather(*[cache.find(key)] * 1, return_exceptions=True):
        assert isinstance(result, Unavailable)
    cache._database = fixture.database
    assert owner(await cache.find(key)) == "ann"
