"""Data sets: what is known of the zips in the blob storage. Refuses to know their music."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import datasets
from shared.schemas.datasets import Dataset


class Datasets:
    """The data sets inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, owner: str, dataset: Dataset) -> None:
        """Keep what is known of a zip that is stored under its id."""
        await self._connection.execute(insert(datasets).values(owner=owner, **dataset.model_dump()))

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Dataset]:
        """This owner's data sets, newest first, older than `before`."""
        columns = [datasets.c[name] for name in Dataset.model_fields]
        query = select(*columns).where(datasets.c.owner == owner)
        if before is not None:
            query = query.where(datasets.c.id < before)
        rows = await self._connection.execute(query.order_by(datasets.c.id.desc()).limit(limit))
        return [Dataset.model_validate(dict(row)) for row in rows.mappings()]
