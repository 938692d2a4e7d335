"""The migrations lead to exactly the tables that the code expects, whatever was in them before."""

import asyncio
from uuid import uuid4

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.stack import Stack
from ostinato.schemas.datasets import ReadingRequest
from shared.broker.queues import TrainerQueue
from shared.db.database import Database
from shared.db.datasets import Datasets
from shared.db.migrate import alembic_config, migrate
from shared.db.tables import metadata
from shared.db.trainer_jobs import Errands
from tests.orders import LEASE

HANDED_IN = """
    INSERT INTO datasets (id, owner, name, sha256, size, files, created_at)
    VALUES (gen_random_uuid(), 'me', 'tunes', '00', 1, 1, now())
"""


def difference(connection: Connection) -> list[object]:
    found: list[object] = compare_metadata(MigrationContext.configure(connection), metadata)
    return found


async def test_the_migrated_database_is_the_one_that_the_tables_describe(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        assert await connection.run_sync(difference) == []


async def test_migrating_again_and_from_two_places_at_once_does_no_harm(servers: Stack) -> None:
    await asyncio.gather(migrate(servers.database_url), migrate(servers.database_url))


async def fresh_database(servers: Stack) -> str:
    """The URL of an empty one."""
    engine = create_async_engine(servers.database_url, isolation_level="AUTOCOMMIT")
    name = f"before_{uuid4().hex}"
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return f"{servers.database_url.rpartition('/')[0]}/{name}"


async def test_data_sets_of_before_are_read_by_whoever_trains(servers: Stack) -> None:
    url = await fresh_database(servers)
    older = Database(url, pool_size=1)
    async with older.transaction() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0004"))
        await connection.execute(text(HANDED_IN))
    await migrate(url)
    async with older.transaction() as connection:
        [waiting] = await Errands(connection).waiting(TrainerQueue.DATA)
        errand = await Errands(connection).claim(
            TrainerQueue.DATA, *waiting, worker_id=uuid4(), lease=LEASE
        )
        assert errand is not None
        assert ReadingRequest.model_validate(errand.request).name == "tunes"
        [dataset] = await Datasets(connection).page("me", before=None, limit=9)
    assert dataset.id == errand.job_id
    await older.close()


MELODY = """
    INSERT INTO melodies (id, job_id, index, owner, seed, model, model_sha256, numerics, tempo,
                          bars, num_notes, num_tokens, seconds, notes, tokens, midi)
    SELECT gen_random_uuid(), id, :index, owner, 1, 'mini', 'ab', 'cpu', 120,
           1, 2, 3, 0.1, CAST(:notes AS jsonb), '{}', '' FROM jobs
"""
JOB = """
    INSERT INTO jobs (id, kind, owner, state, priority, request, num_melodies, request_sha256)
    VALUES (gen_random_uuid(), 'generation', 'me', 'queued', 'batch', '{}', 2, '')
"""


async def test_melodies_of_before_are_counted(servers: Stack) -> None:
    url = await fresh_database(servers)
    older = Database(url, pool_size=1)
    async with older.transaction() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0010"))
        await connection.execute(text(JOB))
        for index, notes in enumerate(("[[0, 480, 64, 80], [480, 480, 57, 80]]", "[]")):
            await connection.execute(text(MELODY), {"index": index, "notes": notes})
    await migrate(url)
    async with older.transaction() as connection:
        rows = await connection.execute(text("SELECT lowest, highest FROM melodies ORDER BY index"))
        assert [tuple(row) for row in rows] == [(57, 64), (None, None)]
    await older.close()
