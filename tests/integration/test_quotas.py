"""Quotas of pending jobs with a real PostgreSQL."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobKind, ShardState
from services.gateway.submission.generation_submission import check_quota
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.errors import TooManyRequests
from tests.support.evaluations import EvaluationFixture
from tests.support.midi import zip_of_random_midis
from tests.support.servers.gateway import gateway
from tests.support.versions import SHA256, add_version


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


def assert_rejected(response: httpx.Response) -> None:
    assert (response.status_code, response.json()["code"]) == (429, "too_many_requests")
    assert response.json()["retry_after"]
    assert response.headers["retry-after"]


async def test_a_repeated_request_returns_its_job_although_the_quota_is_reached(
    backends: Stack, database: Database
) -> None:
    version = await add_version(database)
    body, headers = {"model": version, "bars": 1, "count": 5}, {"Idempotency-Key": uuid4().hex}
    async with gateway(backends, uuid4().hex, max_pending_melodies=5) as http:
        first = await http.post("/v1/generations", json=body, headers=headers)
        assert_rejected(await http.post("/v1/generations", json={"model": version, "bars": 1}))
        again = await http.post("/v1/generations", json=body, headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])


async def test_jobs_of_the_trainer_over_the_quota_are_rejected(
    backends: Stack, database: Database, tmp_path: Path
) -> None:
    fixture = EvaluationFixture(database, await add_version(database))
    job = await fixture.add_generation(sha256=SHA256)
    async with database.transaction() as connection:
        await GenerationJobs(connection).cancel(job.id, fixture.owner)
    settings = {
        "storage_url": str(tmp_path),
        "max_pending_evaluations": 0,
        "max_pending_dataset_imports": 0,
        "max_pending_engravings": 0,
    }
    async with gateway(backends, fixture.owner, **settings) as http:
        assert_rejected(await http.post("/v1/evaluations", json={"job_id": str(job.id)}))
        archive = zip_of_random_midis(1).getvalue()
        assert_rejected(await http.post("/v1/datasets", params={"name": "x"}, content=archive))
        assert (await http.get("/v1/datasets")).json()["items"] == []
        assert_rejected(await http.post("/v1/engravings", json={"notes": [[0, 480, 60, 80]]}))


async def test_a_repeated_engraving_is_returned_although_the_quota_is_reached(
    backends: Stack,
) -> None:
    body, headers = {"notes": [[0, 480, 60, 80]]}, {"Idempotency-Key": uuid4().hex}
    async with gateway(backends, uuid4().hex, max_pending_engravings=1) as http:
        first = await http.post("/v1/engravings", json=body, headers=headers)
        assert_rejected(await http.post("/v1/engravings", json=body))
        again = await http.post("/v1/engravings", json=body, headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
