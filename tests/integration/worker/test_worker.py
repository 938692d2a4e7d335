"""A worker on real servers: claims, commits, failures, lost leases and drain."""

import asyncio

import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from services.worker import shard_claimer
from services.worker import worker as worker_module
from services.worker.files import new_file
from shared.db.primers import Primers
from tests.support.midi import an_inspection
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
LONG_REQUEST = REQUEST.model_copy(update={"bars": 64, "count": 8})


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

    monkeypatch.setattr(new_file, "write_midi", fail)
    monkeypatch.setattr(worker_module, "MAX_BACKOFF_SECONDS", 0.1)
    job = await workers.submit(REQUEST)
    worker = workers.start()
    done = await workers.wait_for(job, JobState.FAILED)
    await workers.drain(worker)
    assert done.error is not None
    assert "cannot write" in done.error.detail


async def test_cancelling_a_job_stops_its_sequences(workers: WorkerFixture) -> None:
    job = await workers.submit(LONG_REQUEST)
    worker = workers.start()
    await workers.wait_for(job, JobState.RUNNING)
    await workers.cancel(job.id)
    done = await workers.wait_for(job, JobState.CANCELLED)
    await workers.drain(worker)
    assert done.cancelled > 0


async def test_a_primer_that_the_model_cannot_encode_fails_the_job(
    workers: WorkerFixture,
) -> None:
    async with workers.database.transaction() as connection:
        primer = await Primers(connection).add(
            workers.owner, "0" * 64, an_inspection([Note(0, 480, 5, 80)])
        )
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
