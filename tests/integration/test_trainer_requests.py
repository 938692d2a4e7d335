"""Requests for jobs of the trainer: their bounds, cancellation and deadlines."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobState
from services.dispatcher.deadlines import Deadlines
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.outbox_publisher import OutboxPublisher
from tests.support.evaluations import EvaluationFixture
from tests.support.midi import zip_of_random_midis
from tests.support.servers.gateway import gateway
from tests.support.versions import SHA256, add_version

NOTES = [[0, 480, 60, 80]]
KINDS = ("trainings", "evaluations", "datasets", "engravings")


class Submission:
    """Submits a job of each kind for one owner."""

    def __init__(self, http: httpx.AsyncClient, database: Database, owner: str) -> None:
        self.http = http
        self.database = database
        self.owner = owner

    async def submit(self, kind: str, **fields: int) -> httpx.Response:
        """A job that waits in the queue: no trainer runs."""
        if kind == "datasets":
            archive = zip_of_random_midis(1).getvalue()
            return await self.http.post(
                "/v1/datasets", params={"name": "x", **fields}, content=archive
            )
        return await self.http.post(f"/v1/{kind}", json={**await self._body(kind), **fields})

    async def _body(self, kind: str) -> dict[str, object]:
        if kind == "trainings":
            return {"recipe": "mini", "version": f"v-{uuid4()}"}
        if kind == "engravings":
            return {"notes": NOTES}
        evaluations = EvaluationFixture(self.database, await add_version(self.database))
        evaluations.owner = self.owner
        job = await evaluations.add_generation(sha256=SHA256)
        async with self.database.transaction() as connection:
            await GenerationJobs(connection).cancel(job.id, self.owner)
        return {"job_id": str(job.id)}

    async def state(self, job_id: str) -> JobState:
        async with self.database.transaction() as connection:
            return (await JobStore(connection).status(UUID(job_id), self.owner)).state

    async def pass_deadline(self, job_id: str) -> None:
        statement = "UPDATE jobs SET deadline_at = now() - interval '1 s' WHERE id = :id"
        async with self.database.transaction() as connection:
            await connection.execute(text(statement), {"id": UUID(job_id)})


@pytest.fixture
async def submission(
    backends: Stack, database: Database, tmp_path: Path
) -> AsyncIterator[Submission]:
    owner = uuid4().hex
    async with gateway(backends, owner, storage_url=str(tmp_path)) as http:
        yield Submission(http, database, owner)


async def test_an_engraving_that_is_too_long_is_rejected_with_the_bound(
    submission: Submission,
) -> None:
    last = [3999 * 1920, 480, 60, 80]
    response = await submission.http.post("/v1/engravings", json={"notes": [*NOTES, last]})
    problem = response.json()
    assert (response.status_code, problem["code"], problem["field"]) == (
        *(422, "invalid_request"),
        "notes",
    )
    assert problem["detail"] == (
        "notes: note 1 ends in bar 4,000, and an engraving has at most 512 bars of four quarters; "
        "engrave it in parts"
    )


async def test_a_note_outside_the_bars_of_an_engraving_is_rejected(submission: Submission) -> None:
    track = {"name": "Lead", "program": 0, "is_drum": False, "notes": [*NOTES, [480, 961, 60, 80]]}
    body = {"tracks": [track], "bar_positions": [[0, 1380, 3, 4]]}
    response = await submission.http.post("/v1/engravings", json=body)
    problem = response.json()
    assert (response.status_code, problem["field"]) == (422, "tracks")
    assert problem["detail"] == (
        "tracks: note 1 of track 0 is not within the bars, which end at 1380"
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_a_queued_job_of_any_kind_can_be_cancelled(submission: Submission, kind: str) -> None:
    job_id = (await submission.submit(kind)).json()["id"]
    for _ in range(2):
        response = await submission.http.post(f"/v1/{kind}/{job_id}/cancel")
        assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    assert await submission.state(job_id) is JobState.CANCELLED
    unknown = await submission.http.post(f"/v1/{kind}/{uuid4()}/cancel")
    assert (unknown.status_code, unknown.json()["code"]) == (404, f"{kind[:-1]}_not_found")


async def test_the_zip_of_a_cancelled_import_is_deleted(
    submission: Submission, tmp_path: Path
) -> None:
    dataset_id = (await submission.submit("datasets")).json()["id"]
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == [f"{dataset_id}.zip"]
    cancelled = (await submission.http.post(f"/v1/datasets/{dataset_id}/cancel")).json()
    assert list((tmp_path / "datasets").iterdir()) == []
    assert cancelled["error"]["detail"] == "The import was cancelled; upload it again."
    training = await submission.http.post(
        "/v1/trainings", json={"recipe": "mini", "version": f"v-{uuid4()}", "dataset": dataset_id}
    )
    assert training.status_code == 422
    assert training.json()["detail"] == "dataset: The import was cancelled; upload it again."


async def test_an_ended_job_cannot_be_cancelled(submission: Submission) -> None:
    for kind in ("datasets", "engravings"):
        job_id = (await submission.submit(kind)).json()["id"]
        async with submission.database.transaction() as connection:
            job_store = JobStore(connection)
            await job_store.lock(UUID(job_id))
            await job_store.transition(UUID(job_id), JobState.RUNNING)
            await job_store.add_results(UUID(job_id), succeeded=1)
        response = await submission.http.post(f"/v1/{kind}/{job_id}/cancel")
        assert (response.status_code, response.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_job_that_waits_past_its_deadline_expires(
    submission: Submission, kind: str, publisher: OutboxPublisher
) -> None:
    late = (await submission.submit(kind, deadline_seconds=1)).json()["id"]
    in_time = (await submission.submit(kind, deadline_seconds=3600)).json()["id"]
    await submission.pass_deadline(late)
    await Deadlines(submission.database, publisher).step()
    assert await submission.state(late) is JobState.EXPIRED
    assert await submission.state(in_time) is JobState.QUEUED
    assert (await submission.http.get(f"/v1/{kind}/{late}")).json()["state"] == "expired"


async def test_a_paused_training_expires_at_its_deadline_and_frees_its_version(
    submission: Submission, publisher: OutboxPublisher
) -> None:
    training_id = (await submission.submit("trainings", deadline_seconds=1)).json()["id"]
    paused = await submission.http.post(f"/v1/trainings/{training_id}/pause")
    assert paused.json()["state"] == "paused"
    await submission.pass_deadline(training_id)
    await Deadlines(submission.database, publisher).step()
    assert await submission.state(training_id) is JobState.EXPIRED
    version = paused.json()["request"]["version"]
    again = {"recipe": "mini", "version": version}
    assert (await submission.http.post("/v1/trainings", json=again)).status_code == 202


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds", [0, 7 * 24 * 3600 + 1])
async def test_a_deadline_is_between_a_second_and_a_week(
    submission: Submission, kind: str, seconds: int
) -> None:
    response = await submission.submit(kind, deadline_seconds=seconds)
    assert (response.status_code, response.json()["field"]) == (422, "deadline_seconds")
