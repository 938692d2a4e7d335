"""What a worker claims: up to its capacity, in shares of the owners."""

import asyncio

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
LONG_REQUEST = REQUEST.model_copy(update={"bars": 64, "count": 8})


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
