"""Errors of commits in a worker, on a real PostgreSQL: no melody is lost, no job waits forever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from services.dispatcher.reaper import Reaper
from services.worker import shard_committer
from services.worker.worker import Worker
from shared.db.job_queue.results import commit_results
from shared.errors import Unavailable
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3, count=8)


async def test_after_an_unexpected_error_the_shard_is_generated_again(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, failures = commit_results, [True]

    async def fail_once(*arguments: object, **options: object) -> object:
        if failures:
            failures.pop()
            raise RuntimeError("an unexpected error")
        return await commit(*arguments, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(shard_committer, "commit_results", fail_once)
    job = await workers.submit(REQUEST)
    worker = workers.start()
    reaper = Reaper(workers.database, outage_grace_seconds=0)
    async with asyncio.timeout(60):
        while (done := await workers.get(job.id)).state is not JobState.SUCCEEDED:
            await reaper.step()
            await asyncio.sleep(0.1)
    await workers.drain(worker)
    assert (failures, done.succeeded) == ([], 8)
    await workers.check_counters()


async def test_a_shard_that_cannot_be_committed_does_not_fail_the_others(
    workers: WorkerFixture,
) -> None:
    """PostgreSQL rejects one owner's melodies; those of the other are in the same commit."""
    async with workers.database.transaction() as connection:
        await connection.execute(
            text("ALTER TABLE melodies ADD CONSTRAINT rejects CHECK (tempo <> 77) NOT VALID")
        )
    jobs = [await workers.submit(REQUEST.model_copy(update={"tempo": 77}))]
    jobs += [await workers.submit(REQUEST) for _ in range(3)]
    worker = workers.start()
    reaper = Reaper(workers.database, outage_grace_seconds=0)
    async with asyncio.timeout(90):
        while (failed := await workers.get(jobs[0].id)).state is not JobState.FAILED:
            await reaper.step()
            await asyncio.sleep(0.1)
    done = [await workers.wait_for(job, JobState.SUCCEEDED) for job in jobs[1:]]
    await workers.drain(worker)
    async with workers.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE melodies DROP CONSTRAINT rejects"))
    assert failed.error is not None
    assert (failed.error.code, failed.failed) == ("poison", 8)
    assert [job.succeeded for job in done] == [8] * 3
    await workers.check_counters()


def lose_replies(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every commit take effect, and every other one be reported as failed."""
    is_lost = False

    @asynccontextmanager
    async def transaction() -> AsyncIterator[AsyncConnection]:
        """A transaction, whose commit succeeds."""
        nonlocal is_lost
        async with worker._database.transaction() as connection:
            yield connection
        is_lost = not is_lost
        if is_lost:
            raise Unavailable("PostgreSQL")

    monkeypatch.setattr(worker._committer, "_database", SimpleNamespace(transaction=transaction))


async def test_items_are_counted_once_although_replies_are_lost_and_the_job_is_cancelled(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = REQUEST.model_copy(update={"bars": 16, "count": 24})
    job = await workers.submit(request)
    worker = workers.start(max_interactive_melodies=64)
    lose_replies(worker, monkeypatch)
    async with asyncio.timeout(60):
        while (await workers.get(job.id)).succeeded == 0:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.02)
    await workers.cancel(job.id)
    done = await workers.wait_for(job, JobState.CANCELLED)
    await workers.drain(worker)
    assert done.succeeded > 0
    assert done.cancelled > 0
    assert done.succeeded + done.cancelled == 24
    assert await workers.get(job.id) == done
    await workers.check_counters()
