"""Deletion on request and at the end of a lifetime; each run is undone and repeated."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobKind
from shared.db.melodies import MAX_HIDDEN, Melodies
from shared.db.operations.usage import Usage
from shared.db.primers import Primers
from shared.db.retention.expiry import (
    PAGE_SIZE,
    START,
    JobLifetime,
    ended_jobs,
    expire_jobs,
    expire_primers,
    expire_tickets,
)
from shared.db.retention.job_deletion import (
    JOBS_PER_PURGE,
    delete_job,
    delete_jobs,
    delete_old_records,
    finish_purge,
    purge,
    purge_beside_favourites,
    take_deleted_jobs,
)
from shared.db.retention.melody_deletion import delete_melody
from shared.db.retention.storage_usage import storage_usage
from shared.db.tables.retention_tables import deleted_jobs
from shared.db.trainer.datasets import Datasets
from tests.support.aged.database import PROLIFIC
from tests.support.aged.hot_path import HotPath
from tests.support.aged.ids import batch_id, job_id, melody_id
from tests.support.midi import an_inspection

FINISHED, MELODY = job_id(24), melody_id(23)
DATASET = job_id(2)
EXPIRED = JobLifetime(kind=JobKind.GENERATION, lifetime=timedelta(days=1))
FAILED = JobLifetime(kind=JobKind.TRAINING, lifetime=timedelta(days=1), only_unsuccessful=True)
JOBS = [job_id(number) for number in range(1, JOBS_PER_PURGE + 1)]

Run = Callable[[AsyncConnection, Any], Awaitable[Any]]


def undone(run: Callable[[AsyncConnection], Awaitable[Any]]) -> Run:
    """A path whose changes are rolled back."""

    async def run_and_undo(connection: AsyncConnection, _: None) -> None:
        async with connection.begin_nested() as savepoint:
            await run(connection)
            await savepoint.rollback()

    return run_and_undo


async def _purge(connection: AsyncConnection) -> None:
    await delete_jobs(connection, JOBS)
    taken = await take_deleted_jobs(connection)
    assert set(taken) == set(JOBS)
    assert await purge(connection, taken) > len(JOBS)
    assert await purge(connection, taken) == 0
    await finish_purge(connection, taken)


async def _expire(connection: AsyncConnection) -> None:
    await Melodies(connection).set_favourite(MELODY, PROLIFIC, favourite=True)
    found, after = await ended_jobs(connection, EXPIRED, START)
    assert (len(found), after is None) == (PAGE_SIZE, False)
    pinned = await expire_jobs(connection, found)
    assert pinned == [FINISHED]
    assert await purge_beside_favourites(connection, pinned) > len(pinned)


async def _delete_primer(connection: AsyncConnection) -> None:
    primer = await Primers(connection).add(PROLIFIC, uuid4().hex, an_inspection())
    await Primers(connection).delete(primer.id, PROLIFIC)


async def _delete_old_usage(connection: AsyncConnection) -> None:
    assert await Usage(connection).delete_old() > 0


async def _page_of_hidden(connection: AsyncConnection) -> None:
    """All melodies of the owner are of deleted jobs."""
    deleted = [{"job_id": job_id(number), "kind": JobKind.BATCH} for number in range(1, 10_001)]
    await connection.execute(insert(deleted_jobs), deleted)
    page = await Melodies(connection).page(PROLIFIC, before=None, limit=50)
    assert (page.items, page.next_before is None) == ([], False)


RETENTION_PATHS = (
    HotPath(
        name="delete a job",
        max_rows=100,
        run=undone(
            lambda connection: delete_job(connection, FINISHED, PROLIFIC, JobKind.GENERATION)
        ),
    ),
    HotPath(
        name="delete a melody",
        max_rows=100,
        run=undone(lambda connection: delete_melody(connection, MELODY, PROLIFIC)),
    ),
    HotPath(name="delete a primer", max_rows=1000, run=undone(_delete_primer)),
    HotPath(
        name="delete a data set",
        max_rows=100,
        run=undone(lambda connection: Datasets(connection).delete(DATASET, PROLIFIC)),
    ),
    HotPath(name="purge deleted jobs", max_rows=20_000, run=undone(_purge)),
    HotPath(
        name="purge a batch",
        max_rows=2_000,
        run=undone(lambda connection: purge(connection, [batch_id(1)])),
    ),
    HotPath(name="expire jobs", max_rows=20_000, run=undone(_expire)),
    HotPath(
        name="ended trainings",
        max_rows=1000,
        run=lambda connection, _: ended_jobs(connection, FAILED, START),
    ),
    HotPath(
        name="expire primers",
        max_rows=100,
        run=lambda connection, _: expire_primers(connection, timedelta(days=1), START),
    ),
    HotPath(
        name="expire tickets", max_rows=100, run=lambda connection, _: expire_tickets(connection)
    ),
    HotPath(
        name="old records", max_rows=100, run=lambda connection, _: delete_old_records(connection)
    ),
    HotPath(
        name="delete old usage",
        max_rows=20_000,  # ten days of all keys
        run=undone(_delete_old_usage),
    ),
    HotPath(
        name="stored bytes",
        max_rows=3_000,  # with every data set of the owner
        run=lambda connection, _: storage_usage(connection, PROLIFIC, 1),
    ),
    HotPath(
        name="stored data sets",
        max_rows=100,
        run=lambda connection, _: Datasets(connection).stored([DATASET, FINISHED]),
    ),
    HotPath(
        name="names of data sets",
        max_rows=20,
        run=lambda connection, _: Datasets(connection).existing_names({"music"}),
    ),
    # Last: what it inserts and rolls back stays in the indexes until the next vacuum
    HotPath(
        name="melody page beside deleted jobs",
        max_rows=6 * MAX_HIDDEN,
        run=undone(_page_of_hidden),
    ),
)
