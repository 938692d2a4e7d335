"""Deletes jobs that have ended: they disappear at once, their rows later.

The row of a job is deleted, and its id is inserted into `deleted_jobs`: melodies of such a job are
not found any more. `purge` deletes the other rows, of many jobs and a bounded number at a time.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from ostinato.schemas.jobs import JobKind, JobState
from shared.db.tables.job_tables import jobs
from shared.db.tables.model_tables import models
from shared.db.tables.retention_tables import deleted_jobs
from shared.errors import Conflict, NotFound

JOBS_PER_PURGE = 100
"""Jobs whose rows one transaction deletes."""
ROWS_PER_PURGE = 1000
"""Rows of each table that one transaction deletes."""
RECORD_LIFETIME = timedelta(days=30)
"""How long trainers may find out that the job of a folder was deleted."""
NOUNS = {
    JobKind.GENERATION: "job",
    JobKind.BATCH: "batch",
    JobKind.TRAINING: "training",
    JobKind.EVALUATION: "evaluation",
    JobKind.DATASET_IMPORT: "dataset",
    JobKind.ENGRAVING: "engraving",
}
"""What the API calls the jobs of each kind."""

_DELETE = text("""
    WITH deleted AS (
        DELETE FROM jobs WHERE id = ANY(CAST(:job_ids AS uuid[])) RETURNING id, kind
    ), imported AS (
        DELETE FROM datasets WHERE id = ANY(CAST(:job_ids AS uuid[]))
    ), messages AS (
        DELETE FROM outbox WHERE job_id = ANY(CAST(:job_ids AS uuid[]))
    )
    INSERT INTO deleted_jobs (job_id, kind) SELECT id, kind FROM deleted
""")
_TAKE = text(f"""
    SELECT job_id FROM deleted_jobs WHERE NOT is_purged ORDER BY deleted_at
    LIMIT {JOBS_PER_PURGE} FOR UPDATE SKIP LOCKED
""")  # noqa: S608 - the limit is a constant, which the plan depends on


def _delete_rows(table: str, condition: str = "true") -> Any:  # noqa: ANN401 - TextClause
    """A statement that deletes a bounded number of the rows of some jobs."""
    return text(f"""
        DELETE FROM {table} WHERE {condition} AND ctid = ANY(ARRAY(
            SELECT ctid FROM {table} WHERE job_id = ANY(CAST(:job_ids AS uuid[])) AND {condition}
            LIMIT {ROWS_PER_PURGE}
        ))
    """)  # noqa: S608 - names of tables, and constants


# Shards first: no worker holds one, and none can be claimed again.
_ROWS = tuple(
    map(_delete_rows, ("shards", "item_errors", "melodies", "deleted_melodies", "training_metrics"))
)
_ROWS_BESIDE_FAVOURITES = (
    _delete_rows("shards"),
    _delete_rows("item_errors"),
    _delete_rows("deleted_melodies"),
    _delete_rows("melodies", "NOT favourite"),
)
_FORGET = text("""
    DELETE FROM deleted_jobs
    WHERE job_id = ANY(CAST(:job_ids AS uuid[])) AND kind IN ('generation', 'batch')
""")
_MARK_PURGED = text("""
    UPDATE deleted_jobs SET is_purged = true WHERE job_id = ANY(CAST(:job_ids AS uuid[]))
""")
_DELETE_OLD_RECORDS = text(f"""
    DELETE FROM deleted_jobs WHERE job_id = ANY(ARRAY(
        SELECT job_id FROM deleted_jobs
        WHERE is_purged AND deleted_at < now() - CAST(:age AS interval)
        ORDER BY deleted_at LIMIT {ROWS_PER_PURGE}
    ))
""")  # noqa: S608 - as above


def is_visible(rows: FromClause) -> ColumnElement[bool]:
    """Whether the job of a row of melodies still exists."""
    return ~select(deleted_jobs.c.job_id).where(deleted_jobs.c.job_id == rows.c.job_id).exists()


async def delete_job(connection: AsyncConnection, job_id: UUID, owner: str, kind: JobKind) -> None:
    """Delete one of the owner's jobs of a kind, with everything that it produced.

    Raises:
        NotFound: the owner has no such job.
        Conflict: it has not ended, or it is a training whose version exists.
    """
    found = await connection.execute(
        select(jobs.c.state)
        .where(jobs.c.id == job_id, jobs.c.owner == owner, jobs.c.kind == kind)
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(NOUNS[kind], job_id)
    state = JobState(row.state)
    if not state.is_terminal:
        raise Conflict(f"It is {state}; cancel it, and delete it when it has ended.")
    if kind is JobKind.TRAINING:
        version = (await versions_by_training(connection, [job_id])).get(job_id)
        if version is not None:
            raise Conflict(f"Its version {version} exists; delete the version first.")
    await delete_jobs(connection, [job_id])


async def delete_jobs(connection: AsyncConnection, job_ids: Collection[UUID]) -> None:
    """Delete jobs that this transaction has locked and that have ended, of any kind."""
    if job_ids:
        await connection.execute(_DELETE, {"job_ids": list(job_ids)})


async def versions_by_training(
    connection: AsyncConnection, job_ids: Collection[UUID]
) -> dict[UUID, str]:
    """The registered versions that these trainings produced, by the ids of the trainings."""
    training_id = models.c.card["training"]["job_id"].astext
    rows = await connection.execute(
        select(training_id.label("id"), models.c.version).where(
            training_id.in_(list(map(str, job_ids)))
        )
    )
    return {UUID(row.id): row.version for row in rows}


async def take_deleted_jobs(connection: AsyncConnection) -> Sequence[UUID]:
    """Lock deleted jobs that are not purged; those of another transaction are skipped."""
    return list(await connection.scalars(_TAKE))


async def purge(connection: AsyncConnection, job_ids: Sequence[UUID]) -> int:
    """Delete a bounded number of rows of deleted jobs; returns their number, at the end 0."""
    return await _run(connection, _ROWS, job_ids)


async def purge_beside_favourites(connection: AsyncConnection, job_ids: Sequence[UUID]) -> int:
    """Delete a bounded number of rows of jobs, but no favourite; returns their number."""
    return await _run(connection, _ROWS_BESIDE_FAVOURITES, job_ids)


async def _run(
    connection: AsyncConnection, statements: Sequence[Any], job_ids: Sequence[UUID]
) -> int:
    parameters = {"job_ids": list(job_ids)}
    results = [await connection.execute(statement, parameters) for statement in statements]
    return sum(result.rowcount for result in results)


async def finish_purge(connection: AsyncConnection, job_ids: Sequence[UUID]) -> None:
    """Forget jobs whose rows are deleted; those that trainers have folders of are marked."""
    await connection.execute(_FORGET, {"job_ids": list(job_ids)})
    await connection.execute(_MARK_PURGED, {"job_ids": list(job_ids)})


async def delete_old_records(connection: AsyncConnection) -> int:
    """Forget jobs that were deleted long ago, a bounded number; returns their number."""
    return (await connection.execute(_DELETE_OLD_RECORDS, {"age": RECORD_LIFETIME})).rowcount
