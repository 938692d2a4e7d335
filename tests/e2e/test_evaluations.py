"""Evaluating a version by the melodies of a job, through the API and the command line."""

from collections.abc import Callable, Iterator
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
from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.models import ModelVersion
from shared.db.database import Database
from shared.models.checkpoints import read_card, sha256_of
from tests.conftest import client_of
from tests.support.http_api import create_api_key, http_client
from tests.support.midi import random_midi
from tests.support.processes import child_pids
from tests.support.servers.stacks import FAST_LEASES
from tests.support.training import train_and_promote

VERSION = "evaluated"
EVALUATIONS = "/v1/evaluations"
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
EIGHT_MELODIES = GenerationRequest(model=VERSION, count=8, bars=2, seed=5)


@pytest.fixture(scope="module")
def client(training_stack: Stack) -> Iterator[Client]:
    with client_of(training_stack) as client:
        yield client


@pytest.fixture(scope="module")
def http(training_stack: Stack) -> Iterator[httpx.Client]:
    with http_client(training_stack) as http:
        yield http


@pytest.fixture(scope="module")
def version(client: Client) -> ModelVersion:
    return train_and_promote(client, VERSION)


@pytest.fixture(scope="module")
def worker(training_stack: Stack, version: ModelVersion) -> Iterator[None]:
    """A worker, for the tests that generate."""
    training_stack.start("worker", **FAST_LEASES)
    yield
    training_stack.stop("worker")


@pytest.fixture(scope="module")
def job(client: Client, worker: None) -> GenerationJob:
    """A finished job of eight melodies."""
    return client.wait(client.generate(EIGHT_MELODIES).id)


@pytest.fixture(scope="module")
def evaluation(client: Client, job: GenerationJob) -> Evaluation:
    """A successful evaluation of the job."""
    return client.wait_for_evaluation(client.evaluate(job.id).id)


def checkpoint_dir(training_stack: Stack) -> Path:
    return training_stack.state_dir.path.parent / "checkpoints" / VERSION


def find_model(client: Client, name: str = VERSION) -> ModelVersion:
    return next(model for model in client.models() if model.version == name)


def run_command(line: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, line.split())


def rejection(http: httpx.Client, job_id: object, status: int, code: str) -> str:
    """Check that evaluating the job is this problem, and return its detail."""
    response = http.post(EVALUATIONS, json={"job_id": str(job_id)})
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    return str(body["detail"])


def test_the_result_is_written_to_the_card_and_the_weights_stay_promoted(
    training_stack: Stack,
    client: Client,
    version: ModelVersion,
    job: GenerationJob,
    evaluation: Evaluation,
) -> None:
    assert (evaluation.state, evaluation.error) == (JobState.SUCCEEDED, None)
    samples = evaluation.samples
    assert samples is not None
    assert (samples.num_pieces, samples.num_failed, samples.bars) == (8, 0, 2)
    assert (samples.job_id, samples.request) == (job.id, job.request)
    assert samples.training_overlap.samples.max >= 1
    model, card_on_disk = find_model(client), read_card(checkpoint_dir(training_stack))
    assert model.evaluation.samples == samples
    assert card_on_disk.evaluation == model.evaluation
    assert model.evaluation == version.evaluation.model_copy(update={"samples": samples})
    assert (
        model.sha256
        == card_on_disk.sha256
        == sha256_of(checkpoint_dir(training_stack) / "model.safetensors")
    )
    assert model.sha256 == version.sha256
    assert model.promoted_at is not None
    again = client.wait(client.generate(EIGHT_MELODIES).id)
    assert again.state is JobState.SUCCEEDED
    assert [melody.model_sha256 for melody in client.melodies(again.id)] == [version.sha256] * 8


def test_an_evaluation_publishes_the_states_of_its_job(
    client: Client, evaluation: Evaluation
) -> None:
    events = list(client.events(evaluation.id))
    assert [event.state for event in events if isinstance(event, JobEvent)] == [
        *(JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
    ]


def test_the_same_idempotency_key_returns_the_same_evaluation(
    client: Client, job: GenerationJob
) -> None:
    first = client.evaluate(job.id, idempotency_key="evaluate-once")
    assert client.evaluate(job.id, idempotency_key="evaluate-once").id == first.id
    with pytest.raises(ApiError, match="was used for another request"):
        client.evaluate(first.id, idempotency_key="evaluate-once")
    assert next(client.evaluations()).id == first.id
    assert client.wait_for_evaluation(first.id).state is JobState.SUCCEEDED


def test_a_job_of_another_owner_or_kind_is_404(
    training_stack: Stack,
    client: Client,
    http: httpx.Client,
    job: GenerationJob,
    evaluation: Evaluation,
) -> None:
    training = next(client.trainings())
    for other in (UNKNOWN_ID, training.id, evaluation.id):
        assert "There is no job" in rejection(http, other, 404, "job_not_found")
    with http_client(training_stack, create_api_key(training_stack, "other")) as other_owner:
        rejection(other_owner, job.id, 404, "job_not_found")
        response = other_owner.get(f"{EVALUATIONS}/{evaluation.id}")
        assert (response.status_code, response.json()["code"]) == (404, "evaluation_not_found")
        assert other_owner.get(EVALUATIONS).json()["items"] == []


def test_an_unfinished_job_and_a_job_without_melodies_are_rejected(
    training_stack: Stack, client: Client, http: httpx.Client, worker: None
) -> None:
    training_stack.stop("worker")
    queued = client.generate(EIGHT_MELODIES)
    assert "try again when it has ended" in rejection(http, queued.id, 409, "conflict")
    client.cancel(queued.id)
    detail = rejection(http, queued.id, 422, "invalid_request")
    assert f"cancelled and has no melody to evaluate {VERSION} by" in detail
    training_stack.restart("worker")


def test_melodies_with_a_primer_are_rejected(
    client: Client, http: httpx.Client, worker: None
) -> None:
    primer = client.upload_primer(random_midi(1, num_notes=8))
    with_primer = EIGHT_MELODIES.model_copy(update={"count": 1, "primer_id": primer.id})
    job = client.wait(client.generate(with_primer).id)
    assert job.succeeded == 1
    assert "generate some without a primer" in rejection(http, job.id, 422, "invalid_request")


async def set_weights(training_stack: Stack, job_id: UUID, sha256: str, *, first: int) -> None:
    """Set the weights of the job's melodies from index `first` on, as a promotion would."""
    database = Database(training_stack.database_url, pool_size=1)
    sql = "UPDATE melodies SET model_sha256 = :sha256 WHERE job_id = :job AND index >= :first"
    async with database.transaction() as connection:
        await connection.execute(text(sql), {"sha256": sha256, "job": job_id, "first": first})
    await database.close()


async def test_melodies_that_are_not_of_the_promoted_weights_are_rejected(
    training_stack: Stack, client: Client, http: httpx.Client, worker: None, version: ModelVersion
) -> None:
    job = client.wait(client.generate(EIGHT_MELODIES).id)
    await set_weights(training_stack, job.id, "f" * 64, first=4)
    both = " and ".join(sorted((version.sha256[:12], "f" * 12)))
    assert f"from different weights, {both}" in rejection(http, job.id, 409, "conflict")
    await set_weights(training_stack, job.id, "f" * 64, first=0)
    detail = rejection(http, job.id, 409, "conflict")
    assert f"from weights ffffffffffff, and the promoted weights of {VERSION} are" in detail
    assert version.sha256[:12] in detail


@pytest.fixture
def command(
    training_stack: Stack, evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Result]:
    """Runs the command against the stack."""
    monkeypatch.setenv("OSTINATO_URL", f"{training_stack.url}/v1")
    monkeypatch.setenv("OSTINATO_API_KEY", training_stack.key_file.read_text())
    return run_command


def test_the_command_evaluates_a_version_and_shows_the_progress(
    client: Client, command: Callable[[str], Result]
) -> None:
    result = command(f"evaluate {VERSION} --count 3")
    assert result.exit_code == 0, result.output
    assert "Comparing 3 melodies with the training music: 0%\n" in result.stderr
    assert "Scoring tunes: 0%\n" in result.stderr
    samples = find_model(client).evaluation.samples
    assert samples is not None
    assert (samples.num_pieces, samples.request.seed) == (3, 0)
    result = command(f"evaluate {VERSION} --count 2")
    assert result.exit_code == 0, result.output
    assert f"{VERSION}: its card keeps an earlier evaluation by 3 melodies" in result.stderr
    assert find_model(client).evaluation.samples == samples
    listed = command("evaluations --limit 1").output.splitlines()[2].split()
    assert listed[1:3] == ["succeeded", VERSION]
    assert "notes_per_bar" in command(f"evaluation {listed[0]}").output
    cancelled = command(f"cancel {listed[0]}")
    assert cancelled.exit_code == 2
    assert "already succeeded" in cancelled.stderr


def test_the_command_generates_nothing_if_a_version_cannot_be_evaluated(
    client: Client, command: Callable[[str], Result]
) -> None:
    before = next(client.jobs()).id
    result = command(f"evaluate {VERSION} polka --count 3")
    assert result.exit_code == 2
    assert "There is no model 'polka'." in result.stderr
    assert "Nothing was generated." in result.stderr
    assert next(client.jobs()).id == before


def test_a_queued_evaluation_is_cancelled_and_never_runs(
    training_stack: Stack, client: Client, http: httpx.Client, job: GenerationJob
) -> None:
    training_stack.stop("trainer")
    try:
        evaluation = client.evaluate(job.id)
        assert client.cancel_evaluation(evaluation.id).state is JobState.CANCELLED
        assert client.cancel_evaluation(evaluation.id).state is JobState.CANCELLED
        events = [event for event in client.events(evaluation.id) if isinstance(event, JobEvent)]
        assert events[-1].state is JobState.CANCELLED
        response = http.post(f"{EVALUATIONS}/{UNKNOWN_ID}/cancel")
        assert (response.status_code, response.json()["code"]) == (404, "evaluation_not_found")
    finally:
        training_stack.restart("trainer")


def test_a_running_evaluation_is_stopped(
    training_stack: Stack, client: Client, job: GenerationJob
) -> None:
    card = read_card(checkpoint_dir(training_stack))
    evaluation = client.evaluate(job.id)
    for event in client.events(evaluation.id):
        if isinstance(event, JobEvent) and event.state is JobState.RUNNING:
            client.cancel_evaluation(evaluation.id)
    assert client.evaluation(evaluation.id).state is JobState.CANCELLED
    assert child_pids(evaluation.id, "services.trainer.programs.evaluate_model") == []
    assert read_card(checkpoint_dir(training_stack)) == card
