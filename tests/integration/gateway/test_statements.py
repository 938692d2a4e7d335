"""What requests cost PostgreSQL: the statements in its log, BEGIN and COMMIT included."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from shared.db.database import Database
from tests.support.servers.databases import run_statements
from tests.support.servers.gateway import gateway
from tests.support.servers.stacks import Servers
from tests.support.versions import add_version

STATEMENT = re.compile(r"LOG: +(?:statement|execute [^:]*):")
REQUESTS = 20


class LoggedDatabase:
    """A database of the shared server whose statements are logged."""

    def __init__(self, servers: Servers) -> None:
        self.url, _ = servers.new_urls()
        self._log = servers.log
        name = self.url.rpartition("/")[2]
        statement = f"ALTER DATABASE {name} SET log_statement = 'all'"
        asyncio.run(run_statements(self.url, statement))

    async def count(self, run: Callable[[], Awaitable[object]]) -> int:
        """The number of statements that `run` sends."""
        first = await self._num_statements()
        second = await self._num_statements()
        await run()
        return await self._num_statements() - second - (second - first)

    async def _num_statements(self) -> int:
        """The number of statements so far, with those of a connection that writes a marker."""
        marker = f"SELECT '{uuid4()}'"
        await run_statements(self.url, marker)
        async with asyncio.timeout(10):
            while marker not in (text := self._log.read_text(errors="replace")):  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.02)
        return len(STATEMENT.findall(text))


@pytest.fixture(scope="module")
def logged(servers: Servers) -> LoggedDatabase:
    return LoggedDatabase(servers)


@pytest.fixture
async def version(logged: LoggedDatabase) -> AsyncIterator[str]:
    """A promoted version."""
    database = Database(logged.url, pool_size=1)
    yield await add_version(database)
    await database.close()


@pytest.fixture
async def http(backends: Stack, logged: LoggedDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(backends, uuid4().hex, database_url=logged.url) as http:
        yield http


async def test_a_post_is_one_statement_and_its_share_of_publishing(
    http: httpx.AsyncClient, logged: LoggedDatabase, version: str
) -> None:
    async def post() -> None:
        requests = (
            http.post("/v1/generations", json={"model": version, "bars": 1})
            for _ in range(REQUESTS)
        )
        assert {response.status_code for response in await asyncio.gather(*requests)} == {202}
        await asyncio.sleep(0.3)  # until their messages are published

    await post()
    assert REQUESTS <= await logged.count(post) < 3 * REQUESTS


async def test_reading_a_job_that_waits_is_two_statements(
    http: httpx.AsyncClient, logged: LoggedDatabase, version: str
) -> None:
    job = (await http.post("/v1/generations", json={"model": version, "bars": 1})).json()
    await asyncio.sleep(0.3)

    async def read() -> None:
        for _ in range(REQUESTS):
            assert (await http.get(f"/v1/jobs/{job['id']}")).status_code == 200

    await read()
    assert 2 * REQUESTS <= await logged.count(read) < 3 * REQUESTS
