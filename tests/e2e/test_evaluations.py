"""A version is judged by what it has written, and only by that."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deploy.local.stack import Stack
from ostinato import ApiError, Client, GenerationRequest
from ostinato.cli.app import app
from ostinato.schemas.evaluations import Evaluation
from ostinato.schemas.events import JobEvent
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.models import ModelVersion
from shared.db.database import Database
from shared.models.checkpoints import read_card, sha256_of
from tests.conftest import QUICK, client_of
from tests.graduates import graduate
from tests.tunes import tune
from tests.wire import new_key, raw_http

VERSION = "judged"
EVALUATIONS = "/v1/evaluations"
NOBODYS = "01890000-0000-7000-8000-000000000000"
EIGHT = GenerationRequest(model=VERSION, count=8, bars=2, seed=5)


@pytest.fixture(scope="module")
def client(school: Stack) -> Iterator[Client]:
    with client_of(school) as client:
        yield client


@pytest.fixture(scope="module")
def http(school: Stack) -> Iterator[httpx.Client]:
    with raw_http(school) as http:
        yield http


@pytest.fixture(scope="module")
def version(client: Client) -> ModelVersion:
    return graduate(client, VERSION)


@pytest.fixture(scope="module")
def worker(school: Stack, version: ModelVersion) -> Iterator[None]:
    """Somebody who plays."""
    school.start("worker", **QUICK)
    yield
    school.stop("worker")


@pytest.fixture(scope="module")
def job(client: Client, worker: None) -> Job:
    """Eight pieces."""
    return client.wait(client.generate(EIGHT).id)


@pytest.fixture(scope="module")
def evaluation(client: Client, job: Job) -> Evaluation:
    """An evaluation that has ended well."""
    return client.evaluated(client.evaluate(job.id).id)


def folder_of(school: Stack) -> Path:
    return school.folder.path.parent / "checkpoints" / VERSION


def listed(client: Client, name: str = VERSION) -> ModelVersion:
    return next(model for model in client.models() if model.version == name)


def typed(line: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, line.split())


def refused(http: httpx.Client, job_id: object, status: int, code: str) -> str:
    """What is said to somebody who may not have this."""
    answer = http.post(EVALUATIONS, json={"job_id": str(job_id)})
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    return str(body["detail"])


def test_the_card_says_how_the_version_writes_and_the_version_plays_on(
    school: Stack, client: Client, version: ModelVersion, job: Job, evaluation: Evaluation
) -> None:
    assert (evaluation.state, evaluation.error) == (JobState.SUCCEEDED, None)
    samples = evaluation.samples
    assert samples is not None
    assert (samples.pieces, samples.failed, samples.bars) == (8, 0, 2)
    assert (samples.job_id, samples.request) == (job.id, job.request)
    assert samples.longest_copied_notes.samples.max >= 1
    now, on_disk = listed(client), read_card(folder_of(school))
    assert now.evaluation["samples"] == samples.model_dump(mode="json")
    assert on_disk.evaluation == now.evaluation
    assert {**now.evaluation, "samples": None} == {**version.evaluation, "samples": None}
    assert now.sha256 == on_disk.sha256 == sha256_of(folder_of(school) / "model.safetensors")
    assert (now.sha256, now.promoted_at) == (version.sha256, version.promoted_at)
    again = client.wait(client.generate(EIGHT).id)
    assert again.state is JobState.SUCCEEDED
    assert [melody.model_sha256 for melody in client.melodies(again.id)] == [version.sha256] * 8


def test_its_events_are_those_of_a_job(client: Client, evaluation: Evaluation) -> None:
    events = list(client.events(evaluation.id))
    assert [event.state for event in events if isinstance(event, JobEvent)] == [
        *(JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
    ]


def test_the_same_key_is_the_same_evaluation(client: Client, job: Job) -> None:
    first = client.evaluate(job.id, idempotency_key="judge-once")
    assert client.evaluate(job.id, idempotency_key="judge-once").id == first.id
    with pytest.raises(ApiError, match="was used for another request"):
        client.evaluate(first.id, idempotency_key="judge-once")
    assert next(client.evaluations()).id == first.id
    assert client.evaluated(first.id).state is JobState.SUCCEEDED


def test_a_job_that_is_not_mine_or_makes_no_melodies_is_not_found(
    school: Stack, client: Client, http: httpx.Client, job: Job, evaluation: Evaluation
) -> None:
    training = next(client.trainings())
    for other in (NOBODYS, training.id, evaluation.id):
        assert "There is no job" in refused(http, other, 404, "job_not_found")
    with raw_http(school, new_key(school, "stranger")) as stranger:
        refused(stranger, job.id, 404, "job_not_found")
        foreign = stranger.get(f"{EVALUATIONS}/{evaluation.id}")
        assert (foreign.status_code, foreign.json()["code"]) == (404, "evaluation_not_found")
        assert stranger.get(EVALUATIONS).json()["items"] == []


def test_a_job_that_has_not_ended_or_has_no_melody_is_refused(
    school: Stack, client: Client, http: httpx.Client, worker: None
) -> None:
    school.stop("worker")
    waiting = client.generate(EIGHT)
    assert "ask again when it has ended" in refused(http, waiting.id, 409, "conflict")
    client.cancel(waiting.id)
    detail = refused(http, waiting.id, 422, "invalid_request")
    assert f"cancelled and has no melody to judge {VERSION} by" in detail
    school.restart("worker")


def test_pieces_that_begin_with_a_theme_are_not_the_versions_own(
    client: Client, http: httpx.Client, worker: None
) -> None:
    primer = client.primer(tune(1, length=8))
    with_theme = EIGHT.model_copy(update={"count": 1, "primer_id": primer.id})
    job = client.wait(client.generate(with_theme).id)
    assert job.succeeded == 1
    assert "Generate some without a primer" in refused(http, job.id, 422, "invalid_request")


async def set_weights(school: Stack, job_id: UUID, sha256: str, *, first: int) -> None:
    """Let the melodies of a job from index `first` be of other weights, as a promotion does."""
    database = Database(school.database_url, pool_size=1)
    sql = "UPDATE melodies SET model_sha256 = :sha256 WHERE job_id = :job AND index >= :first"
    async with database.transaction() as connection:
        await connection.execute(text(sql), {"sha256": sha256, "job": job_id, "first": first})
    await database.close()


async def test_melodies_of_other_weights_than_those_that_are_played_are_refused(
    school: Stack, client: Client, http: httpx.Client, worker: None, version: ModelVersion
) -> None:
    job = client.wait(client.generate(EIGHT).id)
    await set_weights(school, job.id, "f" * 64, first=4)
    both = " and ".join(sorted((version.sha256[:12], "f" * 12)))
    assert f"of two weights, {both}" in refused(http, job.id, 409, "conflict")
    await set_weights(school, job.id, "f" * 64, first=0)
    detail = refused(http, job.id, 409, "conflict")
    assert f"made by weights ffffffffffff, and {VERSION} is played with {version.sha256[:12]}" in (
        detail
    )


def test_the_command_judges_what_it_can_and_reports(
    school: Stack,
    client: Client,
    evaluation: Evaluation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSTINATO_URL", school.url)
    monkeypatch.setenv("OSTINATO_API_KEY", school.key_file.read_text())
    result = typed(f"evaluate {VERSION} polka --count 3 --out {tmp_path}")
    assert result.exit_code == 1, result.output
    assert "There is no model 'polka'." in result.stderr
    assert "Not judged: polka." in result.stderr
    report = json.loads((tmp_path / "evaluation.json").read_text())
    assert list(report) == [VERSION]
    samples = report[VERSION]["evaluation"]["samples"]
    assert (samples["pieces"], samples["request"]["seed"]) == (3, 0)
    assert samples == listed(client).evaluation["samples"]
    assert (tmp_path / "evaluation-copies.svg").exists()
    result = typed(f"evaluate {VERSION} --count 2 --out {tmp_path}")
    assert result.exit_code == 0, result.output
    assert f"{VERSION}: its card keeps the judgement by 3 pieces" in result.stderr
    assert listed(client).evaluation["samples"] == samples
