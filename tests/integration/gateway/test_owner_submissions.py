"""Jobs that one owner submits at the same time, with a real PostgreSQL."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from ostinato.schemas.generations import GenerationRequest
from services.gateway.owner_submissions import MAX_JOBS, OwnerSubmissions
from shared.broker.queues import Queue
from shared.db.database import Database
from shared.db.job_queue.submissions import Submission
from shared.db.new_job import NewJob
from shared.errors import IdempotencyMismatch, InvalidRequest, Unavailable


def new_job(owner: str, seed: int = 0, key: str | None = None) -> NewJob[GenerationRequest]:
    request = GenerationRequest(model="mini", bars=1, seed=seed)
    return NewJob(
        owner=owner,
        request=request,
        original_request=request,
        queue=Queue.BATCH,
        idempotency_key=key,
    )


async def submit_at_once(
    submissions: OwnerSubmissions, jobs: list[NewJob[GenerationRequest]]
) -> list[Submission | BaseException]:
    return await asyncio.gather(*map(submissions.submit, jobs), return_exceptions=True)


async def stored_ids(database: Database, owner: str) -> list[str]:
    statement = text("SELECT id FROM jobs WHERE owner = :owner ORDER BY id")
    async with database.connection() as connection:
        return list(await connection.scalars(statement, {"owner": owner}))


@pytest.fixture
def submissions(database: Database) -> OwnerSubmissions:
    return OwnerSubmissions(database, max_pending_melodies=1000)


@pytest.fixture
def owner() -> str:
    return uuid4().hex


async def test_jobs_that_wait_for_the_same_owner_share_a_transaction(
    submissions: OwnerSubmissions, database: Database, owner: str
) -> None:
    jobs = [new_job(owner, seed) for seed in range(2 * MAX_JOBS)]
    results = await submit_at_once(submissions, [*jobs, new_job(uuid4().hex)])
    assert all(isinstance(result, Submission) for result in results)
    assert await stored_ids(database, owner) == sorted(job.job_id for job in jobs)
    statement = text("SELECT count(DISTINCT created_at) FROM jobs WHERE owner = :owner")
    async with database.connection() as connection:
        assert await connection.scalar(statement, {"owner": owner}) == 2


async def test_a_job_that_is_rejected_does_not_affect_the_others(
    submissions: OwnerSubmissions, database: Database, owner: str
) -> None:
    jobs = [new_job(owner, 1), new_job(owner, 2, "nul\0"), new_job(owner, 3)]
    first, rejected, last = await submit_at_once(submissions, jobs)
    assert isinstance(first, Submission)
    assert isinstance(rejected, InvalidRequest)
    assert isinstance(last, Submission)
    assert await stored_ids(database, owner) == [jobs[0].job_id, jobs[2].job_id]


async def test_idempotency_keys_are_compared_within_a_transaction(
    submissions: OwnerSubmissions, database: Database, owner: str
) -> None:
    jobs = [new_job(owner, 1, "key"), new_job(owner, 1, "key"), new_job(owner, 2, "key")]
    first, same, other = await submit_at_once(submissions, jobs)
    assert isinstance(first, Submission)
    assert isinstance(same, Submission)
    assert same.job_id == first.job_id == jobs[0].job_id
    assert same.created_at is None
    assert isinstance(other, IdempotencyMismatch)
    assert await stored_ids(database, owner) == [jobs[0].job_id]


async def test_a_quota_counts_within_a_transaction(database: Database, owner: str) -> None:
    submissions = OwnerSubmissions(database, max_pending_melodies=3)
    results = await submit_at_once(submissions, [new_job(owner, seed) for seed in range(5)])
    exceeds = [result.exceeds_quota for result in results if isinstance(result, Submission)]
    assert exceeds == [False, False, False, True, True]
    assert len(await stored_ids(database, owner)) == 3


async def test_an_outage_reaches_every_request_that_waits() -> None:
    unreachable = Database("postgresql+asyncpg://unreachable@127.0.0.1:1/nothing")
    submissions = OwnerSubmissions(unreachable, max_pending_melodies=10)
    for _ in range(2):  # the owner is not blocked afterwards
        results = await submit_at_once(submissions, [new_job("ann", seed) for seed in range(3)])
        assert [type(result) for result in results] == [Unavailable] * 3


async def test_a_cancelled_request_cancels_no_other_one(
    submissions: OwnerSubmissions, database: Database, owner: str
) -> None:
    jobs = [new_job(owner, seed) for seed in range(3)]
    first, *others = [asyncio.create_task(submissions.submit(job)) for job in jobs]
    await asyncio.sleep(0)
    first.cancel()
    results = await asyncio.gather(*others)
    assert [result.job_id for result in results] == [job.job_id for job in jobs[1:]]
    assert len(await stored_ids(database, owner)) == 3
