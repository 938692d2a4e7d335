"""Uploaded data sets and the reports of their imports.

The import job has the id of its data set; the data set's state and error are the job's.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.datasets import Dataset, DatasetReport, DatasetState
from ostinato.schemas.jobs import JobError, JobKind, JobState
from shared.db.job_queue.endings import job_state
from shared.db.job_queue.job_store import PENDING, JobStore
from shared.db.owner_pages import newest_of_owner
from shared.db.retention.job_deletion import delete_job
from shared.db.retention.model_deletion import mark_missing_uploads
from shared.db.tables.job_tables import jobs
from shared.db.tables.trainer_tables import datasets
from shared.errors import Conflict, NotFound

_STATE_BY_JOB_STATE = {
    JobState.SUCCEEDED: DatasetState.READY,
    JobState.FAILED: DatasetState.REJECTED,
    JobState.CANCELLED: DatasetState.CANCELLED,
    JobState.EXPIRED: DatasetState.EXPIRED,
}
_ERRORS = {
    DatasetState.CANCELLED: JobError(
        code="cancelled", detail="The import was cancelled; upload it again."
    ),
    DatasetState.EXPIRED: JobError(
        code="expired",
        detail="The import had not ended at its deadline; upload it again with a later one.",
    ),
}
_EXISTING_NAMES = text("""
    SELECT name FROM unnest(CAST(:names AS text[])) AS wanted (name)
    WHERE EXISTS (SELECT FROM datasets WHERE datasets.name = wanted.name)
""")
_STORED_FIELDS = {"id", "name", "sha256", "num_bytes", "num_files", "created_at"}


class Datasets:
    """The data sets, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, owner: str, dataset: Dataset) -> None:
        """Insert a data set, whose zip is stored under its id."""
        values = dataset.model_dump(include=_STORED_FIELDS)
        await self._connection.execute(insert(datasets).values(owner=owner, **values))

    async def save_report(self, dataset_id: UUID, report: DatasetReport) -> None:
        """Save the report of a data set's import."""
        await self._connection.execute(
            update(datasets)
            .where(datasets.c.id == dataset_id)
            .values(report=report.model_dump(mode="json"))
        )

    async def get(self, dataset_id: UUID, owner: str) -> Dataset:
        """One of the owner's data sets.

        Raises:
            NotFound: the owner has no such data set.
        """
        query = _select().where(datasets.c.id == dataset_id, datasets.c.owner == owner)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("dataset", dataset_id)
        return _dataset(row)

    async def cancel(self, dataset_id: UUID, owner: str) -> Dataset:
        """Cancel the import of a data set. Idempotent.

        Raises:
            NotFound: the owner has no such data set.
            Conflict: the import has already ended otherwise.
        """
        await self.get(dataset_id, owner)
        await JobStore(self._connection).cancel(dataset_id)
        return await self.get(dataset_id, owner)

    async def delete(self, dataset_id: UUID, owner: str) -> None:
        """Delete a data set whose import has ended; the caller deletes its zip afterwards.

        Raises:
            NotFound: the owner has no such data set.
            Conflict: it is being imported, or an unfinished training uses it.
        """
        await self.get(dataset_id, owner)
        training_id = await self._connection.scalar(
            select(jobs.c.id)
            .where(jobs.c.owner == owner, jobs.c.kind == JobKind.TRAINING, PENDING)
            .where(jobs.c.request["dataset"].astext == str(dataset_id))
            .limit(1)
        )
        if training_id is not None:
            raise Conflict(
                f"The training {training_id} uses it and has not ended; wait for the training, or "
                "cancel it."
            )
        await delete_job(self._connection, dataset_id, owner, JobKind.DATASET_IMPORT)
        await mark_missing_uploads(self._connection)

    async def stored(self, dataset_ids: Collection[UUID]) -> dict[UUID, bool]:
        """For those of these ids that are data sets, whether their zips are still needed."""
        rows = await self._connection.execute(
            _select()
            .with_only_columns(datasets.c.id, jobs.c.state)
            .where(datasets.c.id.in_(dataset_ids))
        )
        unneeded = _STATE_BY_JOB_STATE.keys() - {JobState.SUCCEEDED}
        return {row.id: JobState(row.state) not in unneeded for row in rows}

    async def existing_names(self, names: Collection[str]) -> set[str]:
        """Those of these names that a data set of any owner has."""
        return set(await self._connection.scalars(_EXISTING_NAMES, {"names": list(names)}))

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Dataset]:
        """The owner's data sets, newest first, older than `before`."""
        query = newest_of_owner(_select(), datasets, owner, before=before, limit=limit)
        return [_dataset(row) for row in await self._connection.execute(query)]


def _select() -> Select[Any]:
    joined = datasets.join(jobs, jobs.c.id == datasets.c.id)
    columns = [column for column in datasets.c if column.name != "owner"]
    return select(*columns, jobs.c.state, jobs.c.is_expired, jobs.c.error).select_from(joined)


def _dataset(row: Row[Any]) -> Dataset:
    values = dict(row._mapping)  # noqa: SLF001 - public API of Row, despite its name
    of_job = job_state(values.pop("state"), is_expired=values.pop("is_expired"))
    state = _STATE_BY_JOB_STATE.get(of_job, DatasetState.PROCESSING)
    values["error"] = _ERRORS.get(state, values["error"])
    return Dataset.model_validate({**values, "state": state})
