"""The repository of data sets with a real PostgreSQL."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ostinato.schemas.datasets import Dataset, DatasetImportRequest, DatasetReport, DatasetState
from ostinato.schemas.jobs import JobError, ShardState
from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.errors import NotFound
from shared.ids import new_id
from tests.support.trainings import TrainingFixture

REPORT = DatasetReport(
    found=3,
    skipped={"broken": 1},
    used=2,
    duplicate_groups=2,
    train=1,
    held_out=1,
    test=0,
    num_notes=9,
    hours=0.5,
)


@pytest.fixture
def fixture(database: Database) -> TrainingFixture:
    return TrainingFixture(database)


async def upload(fixture: TrainingFixture) -> Dataset:
    dataset = Dataset(
        id=new_id(),
        name="tunes",
        sha256="0",
        num_bytes=1,
        num_files=3,
        created_at=datetime.now(UTC),
    )
    request = DatasetImportRequest(name="tunes", sha256="0")
    async with fixture.database.transaction() as connection:
        await Datasets(connection).add(fixture.owner, dataset)
        new_job = NewJob(
            owner=fixture.owner,
            request=request,
            original_request=request,
            queue=fixture.queue,
            job_id=dataset.id,
        )
        assert await JobStore(connection).insert(new_job) == dataset.id
    return dataset


async def get(fixture: TrainingFixture, dataset: Dataset) -> Dataset:
    async with fixture.database.transaction() as connection:
        return await Datasets(connection).get(dataset.id, fixture.owner)


async def test_an_imported_data_set_is_ready(fixture: TrainingFixture) -> None:
    dataset = await upload(fixture)
    assert await get(fixture, dataset) == dataset
    job = await fixture.claim()
    assert (await get(fixture, dataset)).state is DatasetState.PROCESSING
    async with fixture.database.transaction() as connection:
        await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED)
        await Datasets(connection).save_report(dataset.id, REPORT)
        await JobStore(connection).add_results(dataset.id, succeeded=1)
    imported = await get(fixture, dataset)
    assert (imported.state, imported.report, imported.error) == (DatasetState.READY, REPORT, None)


async def test_a_data_set_whose_import_failed_is_rejected(fixture: TrainingFixture) -> None:
    dataset = await upload(fixture)
    job, error = await fixture.claim(), JobError(code="no_usable_pieces", detail="Add music.")
    async with fixture.database.transaction() as connection:
        await TrainerJobs(connection).finish(job, ShardState.FAILED)
        await JobStore(connection).add_results(dataset.id, failed=1, error=error)
    imported = await get(fixture, dataset)
    assert (imported.state, imported.report, imported.error) == (DatasetState.REJECTED, None, error)


async def test_pages_are_newest_first_and_other_owners_data_sets_are_not_found(
    fixture: TrainingFixture,
) -> None:
    older, newer = await upload(fixture), await upload(fixture)
    async with fixture.database.transaction() as connection:
        datasets = Datasets(connection)
        assert await datasets.page(fixture.owner, before=None, limit=9) == [newer, older]
        assert await datasets.page(fixture.owner, before=newer.id, limit=9) == [older]
        with pytest.raises(NotFound):
            await datasets.get(newer.id, "other")
        with pytest.raises(NotFound):
            await datasets.get(uuid4(), fixture.owner)
