"""A worker on real servers: claims, commits, failures, lost leases and drain."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from services.worker import melody_file, shard_claimer
from services.worker import worker as worker_module
from services.worker.engine.model_runner import ModelRunner
from services.worker.model_registry import ModelRegistry
from shared.db.database import Database
from shared.db.primers import Primers
from tests.conftest import CHECKPOINTS
from tests.support.models import empty_registry
from tests.support.servers.stacks import Servers, StackOnServers
from tests.support.worker_jobs import WorkerFixture, register_versions

REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
LONG_REQUEST = REQUEST.model_copy(update={"bars": 64, "count": 8})


@pytest.fixture(scope="module")
def backends(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A database for this module only, because a worker claims every shard that is queued in it."""
    folder = tmp_path_factory.mktemp("backends")
    with StackOnServers(folder, servers, checkpoints_dir=CHECKPOINTS) as stack:
        asyncio.run(register_versions(stack))
        yield stack


@pytest.fixture(scope="module")
def registry() -> ModelRegistry:
    """Shared by all workers, so that only the first one has to load a model."""
    return empty_registry(max_num_seqs=8)


@pytest.fixture
async def workers(
    database: Database, backends: Stack, registry: ModelRegistry
) -> AsyncIterator[WorkerFixture]:
    yield WorkerFixture(database, backends, registry)
    async with database.transaction() as connection:
        await connection.execute(text("TRUNCATE jobs, owner_queues CASCADE"))


async def test_a_shard_queued_before_the_start_is_claimed_without_a_notification(
    workers: WorkerFixture,
) -> None:
    job = await workers.submit(REQUEST)
    worker = workers.start()
    done = await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)
    assert done.succeeded == 1


async def test_a_notified_shard_is_generated_once_despite_duplicates(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_claimer, "POLL_SECONDS", 60)
    worker = workers.start()
    await asyncio.sleep(0.2)
    job = await workers.submit(REQUEST)
    for _ in range(3):
        worker.on_notification()
    done = await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)
    assert done.succeeded == 1


async def test_sequences_of_several_jobs_share_a_decode_step(workers: WorkerFixture) -> None:
    request = REQUEST.model_copy(update={"bars": 16})
    jobs = [await workers.submit(request.model_copy(update={"seed": seed})) for seed in range(8)]
    worker = workers.start()
    for job in jobs:
        await workers.wait_for(job, JobState.SUCCEEDED)
    stats = worker._active.engine_stats()
    await workers.drain(worker)
    assert (stats.finished, stats.peak_jobs_per_batch >= 4) == (8, True)


async def test_a_worker_is_live_until_it_has_drained(workers: WorkerFixture) -> None:
    worker = workers.start()
    await asyncio.sleep(0.5)
    before = await workers.live_names()
    await workers.drain(worker)
    assert (before, await workers.live_names()) == (["test@here"], [])


async def test_a_shard_of_a_model_that_is_not_loaded_stays_queued(workers: WorkerFixture) -> None:
    other = await workers.submit(REQUEST.model_copy(update={"model": "v99"}))
    job = await workers.submit(REQUEST)
    worker = workers.start()
    await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)
    assert (await workers.get(other.id)).state is JobState.QUEUED


async def test_drain_releases_an_unfinished_shard_without_counting_a_crash(
    workers: WorkerFixture,
) -> None:
    job = await workers.submit(LONG_REQUEST)
    worker = workers.start(drain_timeout_seconds=0)
    await workers.wait_for(job, JobState.RUNNING)
    await workers.drain(worker)
    claim = await workers.try_claim()
    assert claim is not None
    assert (claim.crashes, claim.attempt) == (0, 2)


async def test_a_shard_that_another_worker_has_claimed_is_not_committed(
    workers: WorkerFixture,
) -> None:
    job = await workers.submit(LONG_REQUEST)
    worker = workers.start(drain_timeout_seconds=30)
    await workers.wait_for(job, JobState.RUNNING)
    await workers.reassign(job)
    await workers.drain(worker)
    assert (await workers.get(job.id)).succeeded == 0


async def test_a_shard_that_another_worker_has_claimed_leaves_the_engine(
    workers: WorkerFixture,
) -> None:
    job = await workers.submit(LONG_REQUEST)
    worker = workers.start(drain_timeout_seconds=0)
    await workers.wait_for(job, JobState.RUNNING)
    await workers.reassign(job)
    async with asyncio.timeout(20):
        active = worker._active
        # Its event belongs to the worker's event loop, so that this one cannot await it.
        while not active.idle.is_set() or active.engine_stats().running > 0:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await workers.drain(worker)


async def test_an_error_while_writing_midi_fails_the_job_with_its_cause(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise ValueError("cannot write")

    monkeypatch.setattr(melody_file, "write_midi", fail)
    monkeypatch.setattr(worker_module, "MAX_BACKOFF_SECONDS", 0.1)
    job = await workers.submit(REQUEST)
    worker = workers.start()
    done = await workers.wait_for(job, JobState.FAILED)
    await workers.drain(worker)
    assert done.error is not None
    assert "cannot write" in done.error.detail


async def test_a_shard_that_crashed_twice_runs_alone_and_before_the_queued_ones(
    workers: WorkerFixture,
) -> None:
    isolated = await workers.submit(REQUEST)
    async with workers.database.transaction() as connection:
        await connection.execute(text("UPDATE shards SET crashes = 2"))
    later = [await workers.submit(REQUEST) for _ in range(3)]
    worker = workers.start(max_interactive_melodies=1)
    done = await workers.wait_for(isolated, JobState.SUCCEEDED)
    for job in later:
        after = await workers.wait_for(job, JobState.SUCCEEDED)
        assert after.started_at is not None
        assert done.finished_at is not None
        assert after.started_at > done.finished_at
    await workers.drain(worker)


async def test_a_worker_at_its_limit_claims_no_further_shard(workers: WorkerFixture) -> None:
    jobs = [await workers.submit(LONG_REQUEST) for _ in range(3)]
    worker = workers.start(max_interactive_melodies=1, drain_timeout_seconds=0)
    await workers.wait_for(jobs[0], JobState.RUNNING)
    await asyncio.sleep(0.5)
    assert len(worker._active.in_flight) == 1
    await workers.drain(worker)


async def test_the_limit_counts_melodies(workers: WorkerFixture) -> None:
    request = LONG_REQUEST.model_copy(update={"count": 3})
    jobs = [await workers.submit(request) for _ in range(3)]
    worker = workers.start(max_interactive_melodies=8, drain_timeout_seconds=0)
    await workers.wait_for(jobs[1], JobState.RUNNING)
    await asyncio.sleep(0.5)
    assert len(worker._active.in_flight) == 2
    await workers.drain(worker)


async def test_cancelling_a_job_stops_its_sequences(workers: WorkerFixture) -> None:
    job = await workers.submit(LONG_REQUEST)
    worker = workers.start()
    await workers.wait_for(job, JobState.RUNNING)
    await workers.cancel(job.id)
    done = await workers.wait_for(job, JobState.CANCELLED)
    await workers.drain(worker)
    assert done.cancelled > 0


async def test_a_shard_that_keeps_failing_in_the_engine_fails_as_poison(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> dict[int, int]:
        raise RuntimeError("the device failed")

    monkeypatch.setattr(ModelRunner, "step", fail)
    monkeypatch.setattr(worker_module, "MAX_BACKOFF_SECONDS", 0.1)
    job = await workers.submit(REQUEST)
    worker = workers.start()
    done = await workers.wait_for(job, JobState.FAILED)
    await workers.drain(worker)
    assert done.error is not None
    assert (done.error.code, done.failed) == ("poison", 1)
    assert "the device failed" in done.error.detail


async def test_a_primer_that_the_model_cannot_encode_fails_the_job(
    workers: WorkerFixture,
) -> None:
    async with workers.database.transaction() as connection:
        primer = await Primers(connection).add(workers.owner, "0" * 64, [Note(0, 480, 5, 80)], 1)
    job = await workers.submit(REQUEST.model_copy(update={"primer_id": primer.id}))
    worker = workers.start()
    done = await workers.wait_for(job, JobState.FAILED)
    await workers.drain(worker)
    assert done.error is not None
    assert (done.error.code, done.failed) == ("invalid_primer", 1)
    assert "primer" in done.error.detail


async def test_jobs_succeed_while_redis_is_unavailable(workers: WorkerFixture) -> None:
    job = await workers.submit(REQUEST)
    worker = workers.start(redis_url="redis://127.0.0.1:1/0")
    done = await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)
    assert done.succeeded == 1


async def test_an_owner_gets_half_of_an_idle_worker(workers: WorkerFixture) -> None:
    for _ in range(3):
        job = await workers.submit(LONG_REQUEST)
    worker = workers.start(max_interactive_melodies=16, drain_timeout_seconds=0)
    async with asyncio.timeout(20):
        while not worker._active.in_flight:  # noqa: ASYNC110 - of another event loop
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    held = sum(run.shard.num_items for run in worker._active.in_flight.values())
    await workers.drain(worker)
    assert (held, (await workers.get(job.id)).state) == (8, JobState.QUEUED)


async def test_a_second_owner_is_served_while_the_first_has_queued_more_than_fits(
    workers: WorkerFixture,
) -> None:
    jobs = [await workers.submit(LONG_REQUEST) for _ in range(6)]
    worker = workers.start(max_interactive_melodies=16, drain_timeout_seconds=0)
    await workers.wait_for(jobs[0], JobState.RUNNING)
    other = WorkerFixture(workers.database, workers.backends, workers.registry)
    done = await other.wait_for(await other.submit(REQUEST), JobState.SUCCEEDED)
    assert done.succeeded == 1
    states = [(await workers.get(job.id)).state for job in jobs]
    await workers.drain(worker)
    assert JobState.QUEUED in states


async def test_a_third_owner_is_served_while_two_have_queued_more_than_fits(
    workers: WorkerFixture,
) -> None:
    """Its request does not wait until a melody of theirs is finished."""
    other, third = (
        WorkerFixture(workers.database, workers.backends, workers.registry) for _ in range(2)
    )
    jobs = [await workers.submit(LONG_REQUEST) for _ in range(6)]
    worker = workers.start(max_interactive_melodies=32, drain_timeout_seconds=0)
    await workers.wait_for(jobs[0], JobState.RUNNING)
    others = [await other.submit(LONG_REQUEST) for _ in range(6)]
    worker.on_notification()
    await other.wait_for(others[0], JobState.RUNNING)
    job = await third.submit(REQUEST)
    worker.on_notification()
    await third.wait_for(job, JobState.SUCCEEDED)
    finished = [(await workers.get(job.id)).succeeded for job in jobs]
    finished += [(await other.get(job.id)).succeeded for job in others]
    await workers.drain(worker)
    assert sum(finished) == 0


async def test_melodies_are_stored_while_their_shard_is_running(workers: WorkerFixture) -> None:
    request = LONG_REQUEST.model_copy(update={"count": 16, "bars": 16})
    job = await workers.submit(request)
    worker = workers.start()
    async with asyncio.timeout(60):
        while (current := await workers.get(job.id)).succeeded == 0:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.02)
    await workers.drain(worker)
    assert (current.state, current.succeeded < 16) == (JobState.RUNNING, True)
    done = await workers.get(job.id)
    assert (done.state, done.succeeded) == (JobState.SUCCEEDED, 16)
    await workers.check_counters()


async def test_after_a_release_only_the_missing_melodies_are_generated(
    workers: WorkerFixture,
) -> None:
    job = await workers.submit(LONG_REQUEST.model_copy(update={"count": 12, "bars": 24}))
    worker = workers.start(drain_timeout_seconds=0)
    async with asyncio.timeout(60):
        while (await workers.get(job.id)).succeeded == 0:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.02)
    await workers.drain(worker)
    stored = (await workers.get(job.id)).succeeded
    assert 0 < stored < 12
    worker = workers.start()
    done = await workers.wait_for(job, JobState.SUCCEEDED)
    finished = worker._active.engine_stats().finished
    await workers.drain(worker)
    assert (done.succeeded, finished) == (12, 12 - stored)


async def test_other_workers_continue_while_one_runs_a_shard_isolated(
    workers: WorkerFixture,
) -> None:
    isolated = await workers.submit(LONG_REQUEST.model_copy(update={"count": 32}))
    async with workers.database.transaction() as connection:
        await connection.execute(text("UPDATE shards SET crashes = 2"))
    running = [workers.start(drain_timeout_seconds=0) for _ in range(2)]
    await workers.wait_for(isolated, JobState.RUNNING)
    for _ in range(2):
        job = await workers.submit(REQUEST)
        for worker in running:
            worker.on_notification()
        await workers.wait_for(job, JobState.SUCCEEDED)
    assert (await workers.get(isolated.id)).state is JobState.RUNNING
    for worker in running:
        await workers.drain(worker)
