"""Training through the API: from a zip of MIDI files to a version that a worker loads."""

import time
from collections.abc import Iterator

import pytest
import torch

from deploy.local.stack import Stack
from ostinato import ApiError, Client, GenerationRequest, HyperparameterOverrides, TrainingRequest
from ostinato.schemas.datasets import Dataset, DatasetState
from ostinato.schemas.events import Event, JobEvent, MetricsEvent, StepEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer_state import LAST_CHECKPOINT
from shared.models.backends import load_checkpoint
from tests.conftest import client_of
from tests.support.http_api import http_client, websocket_events
from tests.support.midi import zip_of_random_midis
from tests.support.processes import child_pids
from tests.support.servers.stacks import FAST_LEASES

STARTED = (JobState.QUEUED, JobState.RUNNING)


@pytest.fixture(scope="module")
def client(training_stack: Stack) -> Iterator[Client]:
    with client_of(training_stack) as client:
        yield client


@pytest.fixture(scope="module")
def music(client: Client) -> Dataset:
    """A data set that is ready."""
    return client.wait_for_dataset(client.upload_dataset("tunes", zip_of_random_midis()).id)


def request(music: Dataset, version: str, **overrides: int | float) -> TrainingRequest:
    return TrainingRequest(
        recipe="mini",
        version=version,
        dataset=str(music.id),
        overrides=HyperparameterOverrides.model_validate({"batch_size": 1, **overrides}),
    )


@pytest.fixture(scope="module")
def finished(client: Client, music: Dataset) -> Training:
    """A training that has succeeded."""
    training = client.train(request(music, "tiny", steps=4, seed=5))
    list(client.events(training.id))
    return client.training(training.id)


def test_the_report_of_a_data_set_accounts_for_its_files(client: Client, music: Dataset) -> None:
    assert (music.state, music.error) == (DatasetState.READY, None)
    assert music.report is not None
    assert music.report.found == music.num_files == 24
    assert music.report.used == music.report.train + music.report.held_out == 24
    assert music.report.num_notes == 24 * 40
    assert next(client.datasets()) == client.dataset(music.id) == music


def test_a_training_ends_with_a_version_that_can_be_loaded(
    training_stack: Stack, client: Client, finished: Training, music: Dataset
) -> None:
    assert (finished.state, finished.error) == (JobState.SUCCEEDED, None)
    card = next(model for model in client.models() if model.version == "tiny")
    folder = training_stack.state_dir.path.parent / "checkpoints" / "tiny"
    assert load_checkpoint(folder, torch.device("cpu")).card.sha256 == card.sha256
    assert card.training.job_id == finished.id
    assert card.training.request is not None
    overrides = HyperparameterOverrides(batch_size=1, steps=4, seed=5)
    assert card.training.request.overrides == overrides
    [dataset] = card.data.datasets
    assert (dataset.name, dataset.found) == ("tunes", 24)
    assert str(music.id) in dataset.description
    assert finished.best is not None
    assert card.training.steps == finished.best.step


def test_a_trained_version_is_used_only_after_its_promotion(
    training_stack: Stack, client: Client, finished: Training
) -> None:
    request = GenerationRequest(model="tiny", bars=2, seed=1)
    with pytest.raises(ApiError, match="POST /v1/models/tiny/promote") as error:
        client.generate(request)
    assert error.value.status == 409
    promoted = client.promote("tiny")
    job = client.generate(request)
    training_stack.start("worker", **FAST_LEASES)
    try:
        assert client.wait(job.id).state is JobState.SUCCEEDED
    finally:
        training_stack.stop("worker")
    [melody] = client.melodies(job.id)
    assert (melody.model, melody.model_sha256) == ("tiny", promoted.sha256)


def test_metrics_are_the_same_over_sse_websocket_and_http(
    training_stack: Stack, client: Client, finished: Training
) -> None:
    events = list(client.events(finished.id))
    assert [event.state for event in events if isinstance(event, JobEvent)] == [
        *(JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
    ]
    assert [event.step for event in events if isinstance(event, StepEvent)] == [1, 2, 3, 4]
    metrics = [event.metrics for event in events if isinstance(event, MetricsEvent)]
    assert metrics == list(client.training_metrics(finished.id))
    assert [point.step for point in metrics] == [1, 2, 3, 4]
    assert finished.latest == metrics[-1]
    with http_client(training_stack) as http:
        ticket = http.post("/v1/tickets", params={"job_id": str(finished.id)}).json()["ticket"]
        page = http.get(f"/v1/trainings/{finished.id}/metrics?limit=3").json()
        rest = http.get(f"/v1/trainings/{finished.id}/metrics?cursor={page['next_cursor']}").json()
    events_by_websocket = websocket_events(training_stack, str(finished.id), f"ticket={ticket}")
    assert [event["seq"] for event in events_by_websocket] == [event.seq for event in events]
    assert [item["step"] for item in page["items"] + rest["items"]] == [1, 2, 3, 4]


def test_a_version_is_fine_tuned(client: Client, music: Dataset, finished: Training) -> None:
    fine_tuning = request(music, "tinier", steps=2).model_copy(update={"base": "tiny"})
    training = client.train(fine_tuning)
    list(client.events(training.id))
    assert client.training(training.id).state is JobState.SUCCEEDED
    card = next(model for model in client.models() if model.version == "tinier")
    base = next(model for model in client.models() if model.version == "tiny")
    record = card.training.base
    assert record is not None
    assert (record.version, record.sha256) == ("tiny", base.sha256)
    assert (record.tokens, record.datasets) == (base.training.tokens, ("tunes",))
    first = next(client.training_metrics(training.id))
    assert finished.best is not None
    assert (
        first.held_out_nats_per_note
        < next(client.training_metrics(finished.id)).held_out_nats_per_note
    )


def test_the_same_idempotency_key_returns_the_same_training(
    client: Client, music: Dataset, finished: Training
) -> None:
    reserving = request(music, "twice", steps=10**6)
    first = client.train(reserving, idempotency_key="once")
    assert client.train(reserving, idempotency_key="once").id == first.id
    with pytest.raises(ApiError, match="was used for another request"):
        client.train(request(music, "other"), idempotency_key="once")
    client.cancel_training(first.id)
    assert next(client.trainings()).id == first.id


def test_a_version_name_is_reserved_until_its_training_fails(
    client: Client, music: Dataset, finished: Training
) -> None:
    with pytest.raises(ApiError, match="tiny is in use"):
        client.train(request(music, "tiny"))
    first = client.train(request(music, "soon", steps=10**6))
    with pytest.raises(ApiError, match="soon is in use"):
        client.train(request(music, "soon"))
    until(client, first, JobState.RUNNING)
    client.cancel_training(first.id)
    until(client, first, JobState.CANCELLED)
    second = client.train(request(music, "soon"))
    client.cancel_training(second.id)
    until(client, second, JobState.CANCELLED)


def until(client: Client, training: Training, state: JobState) -> list[Event]:
    """Read events until the training is in this state."""
    received = []
    for event in client.events(training.id):
        received.append(event)
        if isinstance(event, JobEvent) and event.state is state:
            break
    return received


def test_a_paused_training_resumes_from_its_checkpoint(
    training_stack: Stack, client: Client, music: Dataset
) -> None:
    training = client.train(request(music, "paused", steps=400))
    for event in client.events(training.id):
        if isinstance(event, StepEvent):
            break
    assert client.pause(training.id).state is client.pause(training.id).state is JobState.PAUSED
    while child_pids(training.id):
        time.sleep(0.05)
    [attempt] = (training_stack.state_dir.path / "cache" / "jobs" / str(training.id)).iterdir()
    checkpoint_step = load_state(attempt / LAST_CHECKPOINT)["trainer_state"]["step"]
    assert client.resume(training.id).state in (JobState.QUEUED, JobState.RUNNING)
    received = []
    for event in client.events(training.id):
        received.append(event)
        if isinstance(event, StepEvent) and event.step > checkpoint_step:
            break
    assert client.resume(training.id).state is JobState.RUNNING
    states = [event.state for event in received if isinstance(event, JobEvent)]
    assert states == [*STARTED, JobState.PAUSED, *STARTED]
    steps = [event.step for event in received if isinstance(event, StepEvent)]
    assert steps == list(range(1, checkpoint_step + 2))
    client.cancel_training(training.id)
    until(client, training, JobState.CANCELLED)
    for action in (client.pause, client.resume):
        with pytest.raises(ApiError, match="it cannot be"):
            action(training.id)


def test_a_queued_training_can_be_paused(client: Client, music: Dataset) -> None:
    running = client.train(request(music, "first", steps=400))
    until(client, running, JobState.RUNNING)
    queued = client.train(request(music, "second", steps=400))
    assert client.pause(queued.id).started_at is None
    client.cancel_training(running.id)
    until(client, running, JobState.CANCELLED)
    assert client.training(queued.id).state is JobState.PAUSED
    assert client.cancel_training(queued.id).state is JobState.CANCELLED
