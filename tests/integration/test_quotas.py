"""Quotas of pending jobs with a real PostgreSQL."""

from uuid import uuid4

import pytest

from ostinato.schemas.jobs import JobKind, ShardState
from services.gateway.submission import check_quota
from shared.db.database import Database
from shared.db.job_store import JobStore
from shared.db.trainer_jobs import TrainerJobs
from shared.errors import TooManyRequests
from tests.support.evaluations import EvaluationFixture


@pytest.fixture
async def fixture(database: Database) -> EvaluationFixture:
    """An owner with two pending evaluations."""
    fixture = EvaluationFixture(database, f"v-{uuid4()}")
    job = await fixture.add_generation()
    for _ in range(2):
        await fixture.create(job, "ab")
    return fixture


async def check(fixture: EvaluationFixture, owner: str, kind: JobKind, limit: int) -> None:
    async with fixture.database.transaction() as connection:
        await check_quota(connection, owner, kind, limit)


async def test_jobs_beyond_the_quota_are_rejected(fixture: EvaluationFixture) -> None:
    await check(fixture, fixture.owner, JobKind.EVALUATION, 3)
    with pytest.raises(TooManyRequests, match="2 unfinished evaluations, the most") as rejected:
        await check(fixture, fixture.owner, JobKind.EVALUATION, 2)
    assert rejected.value.extra["retry_after"]


async def test_ended_jobs_do_not_count(fixture: EvaluationFixture) -> None:
    job = await fixture.claim()
    async with fixture.database.transaction() as connection:
        await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED)
        await JobStore(connection).add_results(job.job_id, succeeded=1)
    await check(fixture, fixture.owner, JobKind.EVALUATION, 2)


async def test_other_kinds_and_other_owners_do_not_count(fixture: EvaluationFixture) -> None:
    await check(fixture, fixture.owner, JobKind.DATASET_IMPORT, 1)
    await check(fixture, uuid4().hex, JobKind.EVALUATION, 1)
