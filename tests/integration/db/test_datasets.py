"""Data sets in the real PostgreSQL: their state is that of the job that reads them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ostinato.schemas.datasets import Dataset, DatasetReport, DatasetState, ReadingRequest
from ostinato.schemas.jobs import Failure, ShardState
from shared.db.database import Database
from shared.db.datasets import Datasets
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.db.trainer_jobs import Errands
from shared.errors import NotFound
from shared.ids import new_id
from tests.lessons import Class

REPORT = DatasetReport(
    found=3,
    left_out={"broken": 1},
    kept=2,
    families=2,
    train=1,
    held_out=1,
    test=0,
    notes=9,
    hours=0.5,
)


@pytest.fixture
def lesson(database: Database) -> Class:
    return Class(database)


async def hand_in(lesson: Class) -> Dataset:
    dataset = Dataset(
        id=new_id(), name="tunes", sha256="0", size=1, files=3, created_at=datetime.now(UTC)
    )
    request = ReadingRequest(name="tunes", sha256="0")
    async with lesson.database.transaction() as connection:
        await Datasets(connection).add(lesson.owner, dataset)
        order = Order(
            owner=lesson.owner,
            request=request,
            posted=request,
            queue=lesson.queue,
            job_id=dataset.id,
        )
        assert await Ledger(connection).enter(order) == dataset.id
    return dataset


async def get(lesson: Class, dataset: Dataset) -> Dataset:
    async with lesson.database.transaction() as connection:
        return await Datasets(connection).get(dataset.id, lesson.owner)


async def test_a_data_set_that_was_read_is_ready(lesson: Class) -> None:
    dataset = await hand_in(lesson)
    assert await get(lesson, dataset) == dataset
    errand = await lesson.claim()
    assert (await get(lesson, dataset)).state is DatasetState.READING
    async with lesson.database.transaction() as connection:
        await Errands(connection).finish(errand, ShardState.SUCCEEDED)
        await Datasets(connection).describe(dataset.id, REPORT)
        await Ledger(connection).count(dataset.id, succeeded=1)
    read = await get(lesson, dataset)
    assert (read.state, read.report, read.error) == (DatasetState.READY, REPORT, None)


async def test_a_data_set_whose_reading_failed_is_refused(lesson: Class) -> None:
    dataset = await hand_in(lesson)
    errand, failure = await lesson.claim(), Failure(code="nothing_to_learn", detail="Add music.")
    async with lesson.database.transaction() as connection:
        await Errands(connection).finish(errand, ShardState.FAILED)
        await Ledger(connection).count(dataset.id, failed=1, error=failure)
    read = await get(lesson, dataset)
    assert (read.state, read.report, read.error) == (DatasetState.REFUSED, None, failure)


async def test_pages_are_newest_first_and_foreign_ones_are_not_found(lesson: Class) -> None:
    older, newer = await hand_in(lesson), await hand_in(lesson)
    async with lesson.database.transaction() as connection:
        datasets = Datasets(connection)
        assert await datasets.page(lesson.owner, before=None, limit=9) == [newer, older]
        assert await datasets.page(lesson.owner, before=newer.id, limit=9) == [older]
        with pytest.raises(NotFound):
            await datasets.get(newer.id, "stranger")
        with pytest.raises(NotFound):
            await datasets.get(uuid4(), lesson.owner)
