"""Children that hang or exceed a limit: they are killed, and only their own job ends."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.jobs import JobState
from services.trainer import heartbeat
from services.trainer.cleanup import WorkdirCleaner
from services.trainer.data.atomic_folder import MIN_AGE_SECONDS
from services.trainer.ipc.messages import DatasetImported
from services.trainer.jobs.child_limits import ChildLimits
from services.trainer.jobs.dataset_import import DatasetImportHandler
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import OutboxPublisher
from tests.support.processes import running, session_of
from tests.support.scripted_child import REPORT
from tests.support.trainer.job_runner import RunnerFixture, immediate, until
from tests.support.trainings import TrainingFixture

MakeFixture = Callable[..., RunnerFixture]
NO_LIMITS = ChildLimits()


@pytest.fixture
async def make_fixture(
    database: Database, streams: EventStreams, publisher: OutboxPublisher, tmp_path: Path
) -> AsyncIterator[MakeFixture]:
    """Makes runners with limits; each has a queue of its own."""
    fixtures = []

    def make(limits: ChildLimits = NO_LIMITS) -> RunnerFixture:
        jobs, folder = TrainingFixture(database), tmp_path / uuid4().hex
        fixture = RunnerFixture(jobs, streams, publisher, folder, limits=limits)
        fixtures.append(fixture)
        return fixture

    yield make
    for fixture in fixtures:
        await fixture.runner.drain(0)


def oom_score_adjustment(pid: int) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


@pytest.mark.parametrize(
    ("behavior", "limits", "exceeded"),
    [
        ("use-memory", ChildLimits(memory_bytes=3 << 26), "needs more than 0.188 GiB of memory"),
        ("use-processor", ChildLimits(cpu_seconds=2.5), "needs more than 2.5 s of processor time"),
        ("ignore-sigterm", ChildLimits(wall_seconds=2.0), "takes longer than 2 s"),
    ],
)
async def test_a_child_that_exceeds_a_limit_fails_its_job_at_once_and_no_other(
    make_fixture: MakeFixture, behavior: str, limits: ChildLimits, exceeded: str
) -> None:
    neighbor, fixture = make_fixture(), make_fixture(limits)
    other = await neighbor.add_job("wait")
    await neighbor.runner.claim_next()
    other_child = await neighbor.child_of(other)
    dataset_id = await fixture.add_job(behavior)
    await fixture.runner.claim_next()
    processes = session_of(await fixture.child_of(dataset_id))
    await until(lambda: fixture.is_processed(dataset_id))
    error = (await fixture.get(dataset_id)).error
    assert error is not None
    assert (error.code, error.detail) == (
        "dataset_too_large",
        f"The data set import {exceeded}, the limit of this trainer; upload it in parts.",
    )
    assert not running(processes)
    assert await fixture.attempts(dataset_id) == 1
    assert running({other_child})
    assert await neighbor.state(other) is JobState.RUNNING


async def test_a_result_that_is_too_long_fails_the_job_at_once(make_fixture: MakeFixture) -> None:
    error = (await make_fixture().run("send-too-much")).error
    assert error is not None
    assert error.code == "limit_exceeded"
    assert "at most 16,777,216 are allowed" in error.detail


async def test_the_kernel_kills_a_child_before_the_trainer(make_fixture: MakeFixture) -> None:
    fixture = make_fixture()
    job_id = await fixture.add_job("wait")
    await fixture.runner.claim_next()
    child = await fixture.child_of(job_id)
    await until(lambda: immediate(oom_score_adjustment(child) == 1000))


async def test_a_cancelled_child_that_hangs_is_killed_and_leaves_nothing(
    make_fixture: MakeFixture, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "CANCEL_GRACE_SECONDS", 0.2)
    fixture = make_fixture()
    job_id = await fixture.add_job("hang-while-writing")
    await fixture.runner.claim_next()
    child = await fixture.child_of(job_id)
    cache_dir = fixture.paths.cache_dir
    await until(lambda: immediate(bool(list(cache_dir.glob("jobs/*/1/hangs")))))
    await fixture.cancel(job_id)
    await until(lambda: fixture.is_processed(job_id))
    assert not running({child})
    dataset = await fixture.get(job_id)
    assert (dataset.state, await fixture.state(job_id)) == (
        DatasetState.CANCELLED,
        JobState.CANCELLED,
    )
    assert dataset.error is not None
    assert dataset.error.detail == "The import was cancelled; upload it again."
    [unfinished] = (cache_dir / "datasets").iterdir()
    created = unfinished.stat().st_mtime - MIN_AGE_SECONDS - 1
    os.utime(unfinished, (created, created))
    cleaner = WorkdirCleaner(database, cache_dir=cache_dir, checkpoints_dir=cache_dir / "none")
    await cleaner.clean()
    assert [path for path in cache_dir.rglob("*") if path.name not in ("jobs", "datasets")] == []


async def test_a_cancellation_does_not_wait_for_a_pause_that_hangs(
    make_fixture: MakeFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "CANCEL_GRACE_SECONDS", 0.2)
    fixture = make_fixture()
    job_id = await fixture.add_job("hang-while-writing")
    await fixture.runner.claim_next()
    child = await fixture.child_of(job_id)
    await until(lambda: immediate(bool(list(fixture.paths.cache_dir.glob("jobs/*/1/hangs")))))
    await fixture.pause(job_id)
    assert running({child})
    await fixture.cancel(job_id)
    await until(lambda: fixture.is_processed(job_id))
    assert await fixture.state(job_id) is JobState.CANCELLED


async def test_a_paused_child_that_hangs_is_killed_after_the_grace(
    make_fixture: MakeFixture,
) -> None:
    fixture = make_fixture()
    fixture.heartbeat = fixture.make_heartbeat(pause_grace_seconds=0.2)
    job_id = await fixture.add_job("hang-while-writing")
    await fixture.runner.claim_next()
    await until(lambda: immediate(bool(list(fixture.paths.cache_dir.glob("jobs/*/1/hangs")))))
    await fixture.pause(job_id)
    await until(lambda: immediate(fixture.runner.job is None))
    assert await fixture.state(job_id) is JobState.PAUSED
    assert await fixture.attempts(job_id) == 1


async def test_a_result_that_arrives_after_the_cancellation_is_not_stored(
    make_fixture: MakeFixture, streams: EventStreams
) -> None:
    fixture = make_fixture()
    job_id = await fixture.add_job("succeed")
    job = await fixture.jobs.claim()
    await fixture.cancel(job_id)
    handler = DatasetImportHandler(fixture.jobs.database, streams, fixture.paths)
    await handler.complete(job, DatasetImported(report=REPORT))
    dataset = await fixture.get(job_id)
    assert (dataset.state, dataset.report) == (DatasetState.CANCELLED, None)
