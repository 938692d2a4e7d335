"""A migration may take long, but nothing waits long for it; an interrupted one continues."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy import Connection, text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.migrations import migrate as module
from shared.db.migrations.migrate import UnknownRevision, alembic_config, migrate
from tests.support.servers.databases import create_database, run_script

SLOW_FUNCTIONS = """
    CREATE FUNCTION wait() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.5); END $$;
    CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE FUNCTION')
    EXECUTE FUNCTION wait();
"""
FIVE_JOBS = """
    INSERT INTO jobs (id, kind, owner, state, priority, request, num_items, request_sha256)
    SELECT gen_random_uuid(), 'generation', 'owner-' || number, 'queued', 'batch',
        '{"model": "v7", "bars": 4, "deadline_seconds": 60}', 2, ''
    FROM generate_series(1, 5) AS number;
    INSERT INTO shards (id, job_id, queue, first_index, size, state)
    SELECT gen_random_uuid(), id, 'generate.batch', 0, 2, 'queued' FROM jobs;
"""


class Interrupted(Exception):
    """Raised instead of a process being killed."""


class LogWatcher(logging.Handler):
    """Sets `seen` when a line of a migration has these words, or raises an error in its place."""

    def __init__(self, words: str, error: type[Exception] | None = None) -> None:
        super().__init__()
        self.seen = asyncio.Event()
        self._words = words
        self._error = error

    def emit(self, record: logging.LogRecord) -> None:
        if self._words in record.getMessage():
            if self._error:
                raise self._error
            self.seen.set()


@pytest.fixture(autouse=True)
def info_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, module.__name__)


@pytest.fixture
async def url(backends: Stack) -> str:
    return await create_database(backends)


@pytest.fixture
async def old(url: str) -> AsyncIterator[Database]:
    """A database of revision 0013, which release 0.2.0 and later ones migrate."""
    database = Database(url, pool_size=2)
    async with database.transaction() as connection:
        await connection.run_sync(upgrade_to, "0013")
    yield database
    await database.close()


def upgrade_to(connection: Connection, revision: str) -> None:
    command.upgrade(alembic_config(connection), revision)


async def test_no_time_limit_of_the_services_applies_to_it(
    url: str, old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_script(url, SLOW_FUNCTIONS)
    monkeypatch.setattr("shared.db.database.COMMAND_TIMEOUT_SECONDS", 0.2)
    await migrate(url)
    async with old.connection() as connection:
        assert await connection.scalar(text("SELECT to_regproc('submit_job')")) == "submit_job"


async def test_it_does_not_queue_for_a_lock_and_says_who_has_it(
    url: str, old: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(module.SETTINGS, "lock_timeout", "50ms")
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    watcher = LogWatcher("Another transaction has a lock")
    module.log.addHandler(watcher)
    async with old.transaction() as long_transaction:
        await long_transaction.execute(text("SELECT FROM shards"))
        pid = await long_transaction.scalar(text("SELECT pg_backend_pid()"))
        migration = asyncio.create_task(migrate(url))
        await watcher.seen.wait()
        async with old.transaction() as service:
            await service.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert await service.scalar(text("SELECT count(*) FROM shards")) == 0
        assert not migration.done()
    await migration
    module.log.removeHandler(watcher)
    assert f"SELECT pg_terminate_backend({pid})" in caplog.text


async def test_rows_are_converted_in_batches_and_an_interrupted_migration_continues(
    url: str, old: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await run_script(url, FIVE_JOBS)
    monkeypatch.setattr("shared.db.migrations.batches.BATCH_ROWS", 2)
    watcher = LogWatcher("1 rows", Interrupted)
    module.log.addHandler(watcher)
    with pytest.raises(Interrupted):
        await migrate(url)
    module.log.removeHandler(watcher)
    async with old.connection() as connection:
        converted = text("SELECT count(*) FROM shards WHERE owner IS NOT NULL")
        assert await connection.scalar(converted) == 4
    await migrate(url)
    async with old.connection() as connection:
        shards = text("SELECT owner, model, work FROM shards ORDER BY owner")
        assert [tuple(row) for row in await connection.execute(shards)] == [
            (f"owner-{number}", "v7", 8.0) for number in range(1, 6)
        ]
        late = text("SELECT count(*) FROM jobs WHERE deadline_at = created_at + '1 minute'")
        assert await connection.scalar(late) == 5
    batches = [line for line in caplog.messages if " rows in " in line]
    assert [line.split()[2] for line in batches] == ["2", "2", "1", "2", "2", "1"]


async def test_a_database_of_a_newer_release_is_left_alone(url: str, old: Database) -> None:
    async with old.connection() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(UnknownRevision, match="has revision later, which this release does not"):
        await migrate(url)
