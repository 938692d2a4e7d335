"""Statements of the hot paths read a bounded number of rows in a database with years of work.

Each path runs more often than PostgreSQL makes custom plans for a prepared statement, on one
connection: from the sixth run on, the server may use a generic plan, which does not know the
parameters.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.db.job_queue import claims
from tests.support.aged.database import LARGE_TABLES, Size, fill
from tests.support.aged.hot_path import HotPath, World
from tests.support.aged.queue_paths import QUEUE_PATHS
from tests.support.aged.read_paths import READ_PATHS
from tests.support.aged.reads import Reads, count_reads
from tests.support.aged.retention_paths import RETENTION_PATHS
from tests.support.aged.webhook_paths import DUE_PATHS, WEBHOOK_PATHS
from tests.support.servers.stacks import Servers

RUNS = 12
PAGES_PER_ROW = 8
"""Pages that a row may need: those of an index from its root, and of the table."""
PATHS = (*DUE_PATHS, *QUEUE_PATHS, *READ_PATHS, *RETENTION_PATHS, *WEBHOOK_PATHS)
"""The search for due work comes first: the transactions of others that are rolled back leave index
entries of dead rows, which its next run passes."""
PATH_BY_NAME = {path.name: path for path in PATHS}
SIZE = Size().times(int(os.environ.get("OSTINATO_TEST_AGE", "1")))
PREFER_SEQUENTIAL_SCANS = text("SET seq_page_cost = 0.1")
"""The planner reads whole tables where it otherwise would only in a much larger database."""
MANY_JOBS = text("""
    INSERT INTO jobs (id, owner, state, priority, request, num_items, request_sha256)
    SELECT gen_random_uuid(), 'owner-1', 'succeeded', 'batch', '{}', 1, ''
    FROM generate_series(1, 3000)
""")


@pytest.fixture(scope="session")
def aged_url(servers: Servers) -> str:
    """The URL of an aged database."""
    url, _ = servers.new_urls()
    asyncio.run(fill(url, SIZE))
    return url


@pytest.fixture
def empty_url(servers: Servers) -> str:
    """The URL of a database without rows."""
    return servers.new_urls()[0]


@pytest.fixture
async def observer(aged_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection besides the one on which a path runs."""
    database = Database(aged_url, pool_size=1)
    async with database.connection() as connection:
        yield connection
    await database.close()


@pytest.fixture
async def one_connection(aged_url: str) -> AsyncIterator[Database]:
    """A pool of one connection, so that its prepared statements are used again."""
    database = Database(aged_url, pool_size=1)
    async with database.connection() as connection:
        await connection.execute(PREFER_SEQUENTIAL_SCANS)
    yield database
    await database.close()


async def reads_of(path: HotPath, database: Database, observer: AsyncConnection) -> Sequence[Reads]:
    """What each of many runs of a path read."""
    world = World(observer)
    reads = []
    for _ in range(RUNS):
        prepared = await path.prepare(world)

        async def run() -> None:
            async with database.transaction() as connection:
                await path.run(connection, prepared)  # noqa: B023 - it is called in this iteration

        reads.append(await count_reads(database, observer, run))
    return reads


def excess(path: HotPath, reads: Sequence[Reads]) -> list[str]:
    """A sentence for every run that read too much."""
    found = []
    for number, one in enumerate(reads, start=1):
        if scanned := sorted(one.scans.keys() & set(LARGE_TABLES)):
            found.append(f"run {number} scans {', '.join(scanned)}")
        if one.rows > path.max_rows:
            found.append(f"run {number} reads {one.rows:,} rows, more than {path.max_rows:,}")
        if one.pages > PAGES_PER_ROW * path.max_rows:
            found.append(f"run {number} reads {one.pages:,} pages")
    return found


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
async def test_the_cost_does_not_grow(
    path: HotPath, one_connection: Database, observer: AsyncConnection
) -> None:
    assert excess(path, await reads_of(path, one_connection, observer)) == []


@pytest.mark.parametrize("path", ["submit one", "submit one with a key"])
async def test_a_plan_made_in_an_empty_database_stays_cheap(empty_url: str, path: str) -> None:
    """PostgreSQL analyzes a table up to a minute after its rows; plans are made before that."""
    owner = Database(empty_url, pool_size=1)
    observer = Database(empty_url, pool_size=1)
    run = PATH_BY_NAME[path].run

    async def submit_one() -> None:
        async with owner.transaction() as connection:
            await run(connection, 1)

    async with observer.connection() as connection:
        for table in LARGE_TABLES:
            await connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
        await connection.execute(text("ANALYZE"))
        await submit_one()
        await connection.execute(MANY_JOBS)
        reads = [await count_reads(owner, connection, submit_one) for _ in range(3)]
    await owner.close()
    await observer.close()
    assert excess(PATH_BY_NAME[path], reads) == []


class _Undo(Exception):
    """Rolls a transaction back."""


async def test_a_missing_index_is_noticed(
    one_connection: Database, observer: AsyncConnection
) -> None:
    path = PATH_BY_NAME["claim one"]

    async def run() -> None:
        with suppress(_Undo):
            async with one_connection.transaction() as connection:
                await connection.execute(text("DROP INDEX shards_claimable"))
                await path.run(connection, None)
                raise _Undo

    reads = [await count_reads(one_connection, observer, run) for _ in range(3)]
    assert len(excess(path, reads)) >= 3


async def test_a_limit_that_is_a_bind_parameter_is_noticed(
    one_connection: Database, observer: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generic plan expects it to be a tenth of all rows, and sorts a queue and model."""
    async with one_connection.connection() as connection:
        await connection.execute(text("SET enable_seqscan = on"))
    statement = claims._CLAIM.text.replace(":limit", "CAST(:limit AS integer)")
    monkeypatch.setattr(claims, "_CLAIM", text(statement))
    path = PATH_BY_NAME["claim in a crowded queue"]
    assert len(excess(path, await reads_of(path, one_connection, observer))) >= RUNS


@pytest.mark.parametrize(("state", "is_noticed"), [("'queued'", False), (":state", True)])
async def test_a_state_that_is_a_bind_parameter_is_noticed(
    one_connection: Database, observer: AsyncConnection, state: str, *, is_noticed: bool
) -> None:
    """A generic plan uses a partial index only for a state that is a literal."""
    generic = text("SET LOCAL plan_cache_mode = force_generic_plan")
    statement = text(
        f"SELECT id FROM shards WHERE state = {state} AND crashes < 2 "  # noqa: S608
        "AND queue = :queue AND model = :model ORDER BY rank LIMIT 1"
    )
    parameters = {"queue": "batch", "model": "v7"} | ({"state": "queued"} if is_noticed else {})

    async def run(connection: AsyncConnection, _: None) -> None:
        await connection.execute(generic)
        assert len((await connection.execute(statement, parameters)).all()) == 1

    path = HotPath(name="bound state", max_rows=100, run=run)
    found = excess(path, await reads_of(path, one_connection, observer))
    assert bool(found) == is_noticed
