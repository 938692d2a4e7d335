"""A job runner on the real PostgreSQL, with children that succeed, fail, crash or hang."""

import errno
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ostinato.schemas.jobs import JobState
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.trainer.trainer_jobs import TrainerJob
from shared.outbox_publisher import OutboxPublisher
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from tests.support.processes import running, session_of
from tests.support.scripted_child import REPORT
from tests.support.trainer.blobs import put
from tests.support.trainer.job_runner import RunnerFixture, immediate, until
from tests.support.trainings import TrainingFixture


@pytest.fixture
async def fixture(
    database: Database, streams: EventStreams, publisher: OutboxPublisher, tmp_path: Path
) -> AsyncIterator[RunnerFixture]:
    fixture = RunnerFixture(TrainingFixture(database), streams, publisher, tmp_path)
    yield fixture
    await fixture.runner.drain(0)


async def test_the_result_or_the_error_of_a_child_is_stored(fixture: RunnerFixture) -> None:
    assert (await fixture.run("succeed")).report == REPORT
    error = (await fixture.run("reject")).error
    assert error is not None
    assert (error.code, error.detail) == ("rejected", "Upload something else.")


async def test_the_zip_of_a_rejected_import_is_deleted_at_once(fixture: RunnerFixture) -> None:
    blobs = Blobs(fixture.paths.storage_url)
    accepted, rejected = [await fixture.add_job(name) for name in ("succeed", "reject")]
    for dataset_id in (accepted, rejected):
        put(blobs, dataset_key(dataset_id), BytesIO(b"music"))
    await fixture.runner.claim_next()
    await until(lambda: fixture.is_processed(rejected))
    await until(lambda: immediate(fixture.runner.job is None))
    assert blobs.keys("datasets") == [dataset_key(accepted)]


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


async def test_a_full_disk_of_the_trainer_does_not_count_against_the_job(
    fixture: RunnerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = fixture.runner._handler
    complete, failures = handler.complete, [OSError(errno.ENOSPC, "No space left on device")]

    async def fail_once(job: TrainerJob, result: Any) -> None:  # noqa: ANN401 - passed on
        if failures:
            raise failures.pop()
        await complete(job, result)

    monkeypatch.setattr(handler, "complete", fail_once)
    done = await fixture.run("succeed")
    assert done.report == REPORT
    async with fixture.jobs.database.connection() as connection:
        counters = text("SELECT crashes, failed_attempts FROM shards WHERE job_id = :job")
        assert tuple((await connection.execute(counters, {"job": done.id})).one()) == (1, 0)


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
    await fixture.cancel(first)
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
