"""Isolated shards in workers on real servers: alone, and in a fresh process after a canary."""

from typing import Any

from sqlalchemy import text

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from shared.db.job_queue.isolation import ISOLATION_CRASHES
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
LONG_REQUEST = REQUEST.model_copy(update={"bars": 64, "count": 8})
NEEDS_FRESH_PROCESS = ISOLATION_CRASHES + 1
_SHARD = text("SELECT * FROM shards WHERE job_id = :job_id")


async def shard_of(workers: WorkerFixture, job: GenerationJob) -> Any:  # noqa: ANN401 - a row
    """The row of the only shard of a job."""
    async with workers.database.connection() as connection:
        return (await connection.execute(_SHARD, {"job_id": job.id})).one()


async def submit_isolated(
    workers: WorkerFixture, request: GenerationRequest, *, crashes: int = ISOLATION_CRASHES
) -> GenerationJob:
    """Queue a job whose shard has crashed processes; the other shards are not changed."""
    job = await workers.submit(request)
    async with workers.database.transaction() as connection:
        await connection.execute(
            text("UPDATE shards SET crashes = :crashes WHERE job_id = :job_id"),
            {"crashes": crashes, "job_id": job.id},
        )
    return job


async def test_a_shard_that_crashed_twice_runs_alone_and_before_the_queued_ones(
    workers: WorkerFixture,
) -> None:
    isolated = await submit_isolated(workers, REQUEST)
    later = [await workers.submit(REQUEST) for _ in range(3)]
    worker = workers.start(max_interactive_melodies=1)
    done = await workers.wait_for(isolated, JobState.SUCCEEDED)
    for job in later:
        after = await workers.wait_for(job, JobState.SUCCEEDED)
        assert after.started_at is not None
        assert done.finished_at is not None
        assert after.started_at > done.finished_at
    assert (await shard_of(workers, isolated)).isolated_attempt is None
    await workers.drain(worker)


async def test_other_workers_continue_while_one_runs_a_shard_isolated(
    workers: WorkerFixture,
) -> None:
    request = LONG_REQUEST.model_copy(update={"count": 32})
    isolated = await submit_isolated(workers, request)
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


async def test_one_worker_hands_a_shard_over_to_the_fresh_process_that_replaces_it(
    workers: WorkerFixture,
) -> None:
    """Before that it runs what is queued, and the other worker goes on."""
    isolated = await submit_isolated(workers, REQUEST, crashes=NEEDS_FRESH_PROCESS)
    job = await workers.submit(REQUEST)
    running = [workers.start(), workers.start()]
    await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.wait_until_ended()
    [ended] = [worker for worker in running if worker._process_end.replaced_for]
    [other] = [worker for worker in running if worker is not ended]
    reserved = await shard_of(workers, isolated)
    assert (reserved.state, reserved.attempt, reserved.id) == (
        "queued",
        0,
        ended._process_end.replaced_for,
    )
    later = await workers.submit(REQUEST)
    await workers.wait_for(later, JobState.SUCCEEDED)
    assert ended._process_end.replaced_for is not None
    assert other._process_end.replaced_for is None
    await workers.drain(other)
    await workers.drain(ended)
    assert (await shard_of(workers, isolated)).worker_id is None
    fresh = workers.start(handed_over=reserved.id)
    await workers.wait_for(isolated, JobState.SUCCEEDED)
    shard = await shard_of(workers, isolated)
    assert (shard.attempt, shard.isolated_attempt) == (1, 1)
    await workers.drain(fresh)


async def test_a_fresh_process_runs_others_if_its_shard_was_cancelled(
    workers: WorkerFixture,
) -> None:
    isolated = await submit_isolated(workers, REQUEST, crashes=NEEDS_FRESH_PROCESS)
    shard = await shard_of(workers, isolated)
    await workers.cancel(isolated.id)
    job = await workers.submit(REQUEST)
    worker = workers.start(handed_over=shard.id)
    await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)


async def test_a_shard_is_not_claimed_by_a_process_that_cannot_complete_a_canary(
    workers: WorkerFixture, broken_device: None
) -> None:
    isolated = await submit_isolated(workers, REQUEST, crashes=NEEDS_FRESH_PROCESS)
    shard = await shard_of(workers, isolated)
    worker = workers.start(handed_over=shard.id)
    await workers.wait_until_ended()
    assert "canary" in (worker.failure or "")
    await workers.drain(worker)
    after = await shard_of(workers, isolated)
    assert (after.attempt, after.crashes, after.failed_attempts, after.worker_id) == (
        0,
        NEEDS_FRESH_PROCESS,
        0,
        None,
    )
