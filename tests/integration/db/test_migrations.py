"""The migrations create the schema of `shared.db.tables` and convert existing rows."""

import asyncio
import hashlib
import json

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from deploy.local.stack import Stack
from ostinato.schemas.datasets import DatasetImportRequest
from ostinato.schemas.notes import Note
from shared.broker.queues import TrainerQueue
from shared.db.database import Database
from shared.db.migrations.migrate import alembic_config, migrate
from shared.db.tables import metadata
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.trainer_jobs import TrainerJobs
from tests.support.jobs import new_worker
from tests.support.servers.databases import create_database

DATASET = """
    INSERT INTO datasets (id, owner, name, sha256, size, files, created_at)
    VALUES (gen_random_uuid(), 'me', 'tunes', '00', 1, 1, now())
"""
JOB = """
    INSERT INTO jobs (id, kind, owner, state, priority, request, num_melodies, request_sha256)
    VALUES (gen_random_uuid(), 'generation', 'me', 'queued', 'batch', '{}', 2, '')
"""
MELODY = """
    INSERT INTO melodies (id, job_id, index, owner, seed, model, model_sha256, numerics, tempo,
                          bars, num_notes, num_tokens, seconds, notes, tokens, midi)
    SELECT gen_random_uuid(), id, :index, owner, 1, 'mini', 'ab', 'cpu', 120,
           1, 2, 3, 0.1, CAST(:notes AS jsonb), '{}', '' FROM jobs
"""

PRIMER = """
    INSERT INTO primers (id, owner, sha256, notes, bars)
    VALUES (gen_random_uuid(), 'me', '00', CAST(:notes AS jsonb), 1)
"""


def schema_difference(connection: Connection) -> list[object]:
    difference: list[object] = compare_metadata(MigrationContext.configure(connection), metadata)
    return difference


PRIMERS_AT_ONCE = 200
"""Primers that one transaction of the migration 0018a hashes."""


def upgrade_to(connection: Connection, revision: str) -> None:
    command.upgrade(alembic_config(connection), revision)


async def test_the_migrated_schema_matches_the_tables(database: Database) -> None:
    async with database.transaction() as connection:
        assert await connection.run_sync(schema_difference) == []


async def test_concurrent_and_repeated_migrations_are_harmless(backends: Stack) -> None:
    await asyncio.gather(migrate(backends.database_url), migrate(backends.database_url))


async def test_existing_data_sets_get_an_import_job(backends: Stack) -> None:
    url = await create_database(backends)
    database = Database(url, pool_size=1)
    async with database.transaction() as connection:
        await connection.run_sync(upgrade_to, "0004")
        await connection.execute(text(DATASET))
    await migrate(url)
    async with database.transaction() as connection:
        job = await TrainerJobs(connection).claim(TrainerQueue.DATASETS, new_worker())
        assert job is not None
        assert DatasetImportRequest.model_validate(job.request).name == "tunes"
        [dataset] = await Datasets(connection).page("me", before=None, limit=9)
    assert dataset.id == job.job_id
    await database.close()


async def test_existing_melodies_get_their_pitch_range(backends: Stack) -> None:
    url = await create_database(backends)
    database = Database(url, pool_size=1)
    async with database.transaction() as connection:
        await connection.run_sync(upgrade_to, "0010")
        await connection.execute(text(JOB))
        for index, notes in enumerate(("[[0, 480, 64, 80], [480, 480, 57, 80]]", "[]")):
            await connection.execute(text(MELODY), {"index": index, "notes": notes})
    await migrate(url)
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT lowest_pitch, highest_pitch FROM melodies ORDER BY index")
        )
        assert [tuple(row) for row in rows] == [(57, 64), (None, None)]
    await database.close()


def hash_of(notes: list[Note]) -> bytes:
    """SHA-256 of the text that PostgreSQL has for the JSON of the notes."""
    return hashlib.sha256(json.dumps([list(note) for note in notes]).encode()).digest()


async def test_primers_get_the_hash_of_their_notes(backends: Stack) -> None:
    """Also those that processes of the previous release insert after the migration."""
    url = await create_database(backends)
    database = Database(url, pool_size=1)
    notes = [Note(480 * i, 480, 60 + i, 80) for i in range(8)]
    other = [Note(0, 1, 2, 3)]
    async with database.transaction() as connection:
        await connection.run_sync(upgrade_to, "0015")
        for _ in range(PRIMERS_AT_ONCE + 1):
            await connection.execute(text(PRIMER), {"notes": json.dumps(notes)})
    await migrate(url)
    async with database.transaction() as connection:
        await connection.execute(text(PRIMER), {"notes": json.dumps(other)})
        hashes = await connection.execute(
            text("SELECT notes_sha256, count(*) FROM primers GROUP BY 1")
        )
        assert {row[0]: row[1] for row in hashes} == {
            hash_of(notes): PRIMERS_AT_ONCE + 1,
            hash_of(other): 1,
        }
    await database.close()
