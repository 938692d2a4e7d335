"""Data sets: what is known of the zips in the blob storage, and what became of their reading.

A data set is read by the job that has its id: whether it is read, and why not, is the job's to say.
Refuses to know music.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.datasets import Dataset, DatasetReport, DatasetState
from ostinato.schemas.jobs import JobState
from shared.db.tables import datasets, jobs
from shared.errors import NotFound

_OUTCOMES = {
    JobState.SUCCEEDED: DatasetState.READY,
    JobState.FAILED: DatasetState.REFUSED,
}


class Datasets:
    """The data sets inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, owner: str, dataset: Dataset) -> None:
        """Keep what is known of a zip that is stored under its id."""
        known = dataset.model_dump(include={"id", "name", "sha256", "size", "files", "created_at"})
        await self._connection.execute(insert(datasets).values(owner=owner, **known))

    async def describe(self, dataset_id: UUID, report: DatasetReport) -> None:
        """Keep what was found in it."""
        await self._connection.execute(
            update(datasets)
            .where(datasets.c.id == dataset_id)
            .values(report=report.model_dump(mode="json"))
        )

    async def get(self, dataset_id: UUID, owner: str) -> Dataset:
        """The data set, if it is this owner's.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        mine = _of(owner).where(datasets.c.id == dataset_id)
        row = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            raise NotFound("dataset", dataset_id)
        return _dataset(row)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Dataset]:
        """This owner's data sets, newest first, older than `before`."""
        query = _of(owner)
        if before is not None:
            query = query.where(datasets.c.id < before)
        rows = await self._connection.execute(query.order_by(datasets.c.id.desc()).limit(limit))
        return [_dataset(row) for row in rows]


def _of(owner: str) -> Select[Any]:
    together = datasets.join(jobs, jobs.c.id == datasets.c.id)
    columns = [column for column in datasets.c if column.name != "owner"]
    query = select(*columns, jobs.c.state, jobs.c.error).select_from(together)
    return query.where(datasets.c.owner == owner)


def _dataset(row: Row[Any]) -> Dataset:
    known = dict(row._mapping)  # noqa: SLF001 - a Row's public view
    state = _OUTCOMES.get(JobState(known.pop("state")), DatasetState.READING)
    return Dataset.model_validate({**known, "state": state})
