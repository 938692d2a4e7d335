"""A job runner on the real PostgreSQL, with children that succeed, fail, crash or hang."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from ostinato.schemas.datasets import Dataset, DatasetImportRequest, DatasetState
from ostinato.schemas.jobs import JobState
from services.trainer.heartbeat import Heartbeat
from services.trainer.jobs.dataset_import import DatasetImportHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.settings import StoragePaths
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.datasets import Datasets
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.ids import new_id
from shared.outbox_publisher import OutboxPublisher
from shared.worker_identity import WorkerIdentity
from tests.support.processes import child_pids, running, session_of
from tests.support.scripted_child import REPORT
from tests.support.trainings import TrainingFixture

PATHS = StoragePaths(
    cache_dir=Path("cache"),
    datasets_dir=None,
    checkpoints_dir=Path("checkpoints"),
    storage_url="blobs",
)


class RunnerFixture:
    """A job runner with scripted children; the name of a data set is the behavior of its child."""

    def __init__(
        self, jobs: TrainingFixture, streams: EventStreams, publisher: OutboxPublisher
    ) -> None:
        self.jobs = jobs
        identity = WorkerIdentity(
            id=jobs.worker.id, name="test", lease_duration=timedelta(seconds=60)
        )
        handler = DatasetImportHandler(jobs.database, streams, PATHS)
        handler.queue = jobs.queue  # type: ignore[assignment]  # no other test uses it
        handler.module = "tests.support.scripted_child"
        self.runner = JobRunner(handler, jobs.database, publisher, identity)
        self.heartbeat = Heartbeat(jobs.database, [self.runner], identity)

    async def add_job(self, behavior: str) -> UUID:
        dataset = Dataset(
            id=new_id(),
            name=behavior,
            sha256="0",
            num_bytes=1,
            num_files=1,
            created_at=datetime.now(UTC),
        )
        request = DatasetImportRequest(name=behavior, sha256="0")
        async with self.jobs.database.transaction() as connection:
            await Datasets(connection).add(self.jobs.owner, dataset)
            job = NewJob(
                owner=self.jobs.owner,
                request=request,
                original_request=request,
                queue=self.jobs.queue,
                job_id=dataset.id,
            )
            await JobStore(connection).insert(job)
        return dataset.id

    async def get(self, dataset_id: UUID) -> Dataset:
        async with self.jobs.database.transaction() as connection:
            return await Datasets(connection).get(dataset_id, self.jobs.owner)

    async def run(self, behavior: str) -> Dataset:
        """Run a job to its end."""
        dataset_id = await self.add_job(behavior)
        await self.runner.claim_next()
        await until(lambda: self.is_processed(dataset_id))
        return await self.get(dataset_id)

    async def is_processed(self, dataset_id: UUID) -> bool:
        return (await self.get(dataset_id)).state is not DatasetState.PROCESSING

    async def state(self, job_id: UUID) -> JobState:
        async with self.jobs.database.transaction() as connection:
            return (await JobStore(connection).status(job_id, self.jobs.owner)).state

    async def child_of(self, job_id: UUID) -> int:
        """Wait until the job's child runs its program; returns its process id."""
        while True:
            if pids := child_pids(job_id, "tests.support.scripted_child"):
                return pids[0]
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await condition():
            return
        await asyncio.sleep(0.02)


async def immediate(value: bool) -> bool:  # noqa: FBT001 - an awaitable of a value
    return value


@pytest.fixture
async def fixture(
    database: Database, streams: EventStreams, publisher: OutboxPublisher
) -> AsyncIterator[RunnerFixture]:
    fixture = RunnerFixture(TrainingFixture(database), streams, publisher)
    yield fixture
    await fixture.runner.drain(0)


async def test_the_result_or_the_error_of_a_child_is_stored(fixture: RunnerFixture) -> None:
    assert (await fixture.run("succeed")).report == REPORT
    error = (await fixture.run("reject")).error
    assert error is not None
    assert (error.code, error.detail) == ("rejected", "Upload something else.")


@pytest.mark.parametrize(
    ("behavior", "cause"),
    [
        ("die", "exited with code 3"),
        ("exceed-file-size", "File too large"),
        ("exceed-memory", "MemoryError"),
    ],
)
async def test_a_job_whose_child_always_crashes_fails_as_poison(
    fixture: RunnerFixture, behavior: str, cause: str
) -> None:
    error = (await fixture.run(behavior)).error
    assert error is not None
    assert error.code == "poison"
    assert cause in error.detail


async def test_only_one_job_runs_at_a_time(
    fixture: RunnerFixture,
) -> None:
    first = await fixture.add_job("wait")
    await fixture.runner.claim_next()
    assert fixture.runner.job is not None
    assert fixture.runner.job.job_id == first
    second = await fixture.add_job("succeed")
    await fixture.runner.claim_next()
    assert await fixture.state(second) is JobState.QUEUED
    async with fixture.jobs.database.transaction() as connection:
        await JobStore(connection).cancel(first)
    await fixture.heartbeat.poll_cancellations()
    await until(lambda: fixture.is_processed(second))
    assert await fixture.state(first) is JobState.CANCELLED


async def test_a_lost_lease_kills_the_child_and_does_not_change_the_job(
    fixture: RunnerFixture,
) -> None:
    job_id = await fixture.add_job("wait")
    await fixture.runner.claim_next()
    child = await fixture.child_of(job_id)
    await fixture.heartbeat.renew()
    assert running({child})
    async with fixture.jobs.database.transaction() as connection:
        await connection.execute(
            text("UPDATE shards SET attempt = attempt + 1 WHERE job_id = :job"), {"job": job_id}
        )
    await fixture.heartbeat.renew()
    await until(lambda: immediate(fixture.runner.job is None))
    assert not running({child})
    assert await fixture.state(job_id) is JobState.RUNNING


async def test_drain_releases_the_job_and_claims_no_more(fixture: RunnerFixture) -> None:
    job_id = await fixture.add_job("wait")
    await fixture.runner.claim_next()
    await fixture.child_of(job_id)
    await fixture.runner.drain(60)
    assert fixture.runner.job is None
    await fixture.runner.claim_next()
    job = await fixture.jobs.claim()
    assert (job.job_id, job.attempt, job.crashes) == (job_id, 2, 0)


async def test_a_child_that_does_not_stop_is_killed_with_its_descendants(
    fixture: RunnerFixture,
) -> None:
    job_id = await fixture.add_job("ignore-sigterm")
    await fixture.runner.claim_next()
    child = await fixture.child_of(job_id)
    await until(lambda: immediate(len(session_of(child)) > 1))
    processes = session_of(child)
    await fixture.runner.drain(0)
    await until(lambda: immediate(not running(processes)))
    assert (await fixture.jobs.claim()).crashes == 0
