"""A version is trained through the API: from a zip of music to a folder that a worker can play."""

import time
from collections.abc import Iterator

import pytest
import torch

from deploy.local.stack import Stack
from ostinato import ApiError, Client, GenerationRequest, Overrides, TrainingRequest
from ostinato.schemas.datasets import Dataset, DatasetState
from ostinato.schemas.events import Event, JobEvent, PointEvent, StepEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import LAST
from shared.models.checkpoints import load_checkpoint
from tests.conftest import QUICK, client_of
from tests.runs import runs_of
from tests.tunes import tunes
from tests.wire import over_websocket, raw_http

BEFORE = (JobState.QUEUED, JobState.RUNNING)


@pytest.fixture(scope="module")
def client(school: Stack) -> Iterator[Client]:
    with client_of(school) as client:
        yield client


@pytest.fixture(scope="module")
def music(client: Client) -> Dataset:
    """A data set that is ready to be trained on."""
    return client.read(client.upload("tunes", tunes()).id)


def request(music: Dataset, version: str, **overrides: int | float) -> TrainingRequest:
    return TrainingRequest(
        recipe="mini",
        version=version,
        dataset=str(music.id),
        overrides=Overrides.model_validate({"batch": 1, **overrides}),
    )


@pytest.fixture(scope="module")
def made(client: Client, music: Dataset) -> Training:
    """A training that has ended well."""
    training = client.train(request(music, "tiny", steps=4, seed=5))
    list(client.events(training.id))
    return client.training(training.id)


def test_the_report_of_a_data_set_accounts_for_its_files(client: Client, music: Dataset) -> None:
    assert (music.state, music.error) == (DatasetState.READY, None)
    assert music.report is not None
    assert music.report.found == music.files == 24
    assert music.report.kept == music.report.train + music.report.held_out == 24
    assert music.report.notes == 24 * 40
    assert next(client.datasets()) == client.dataset(music.id) == music


def test_a_training_ends_with_a_version_that_can_be_loaded(
    school: Stack, client: Client, made: Training, music: Dataset
) -> None:
    assert (made.state, made.error) == (JobState.SUCCEEDED, None)
    card = next(model for model in client.models() if model.version == "tiny")
    folder = school.folder.path.parent / "checkpoints" / "tiny"
    assert load_checkpoint(folder, torch.device("cpu")).card.sha256 == card.sha256
    assert card.training["job"] == str(made.id)
    assert card.training["request"]["overrides"] == {"batch": 1, "steps": 4, "seed": 5}
    [used] = card.data["sets"]
    assert (used["name"], used["found"]) == ("tunes", 24)
    assert str(music.id) in used["about"]
    assert made.best is not None
    assert card.training["steps"] == made.best.step


def test_what_was_trained_waits_until_it_is_promoted_and_is_played_then(
    school: Stack, client: Client, made: Training
) -> None:
    asked = GenerationRequest(model="tiny", bars=2, seed=1)
    with pytest.raises(ApiError, match="POST /v1/models/tiny/promote") as refused:
        client.generate(asked)
    assert refused.value.status == 409
    promoted = client.promote("tiny")
    job = client.generate(asked)
    school.start("worker", **QUICK)
    try:
        assert client.wait(job.id).state is JobState.SUCCEEDED
    finally:
        school.stop("worker")
    [melody] = client.melodies(job.id)
    assert (melody.model, melody.model_sha256) == ("tiny", promoted.sha256)


def test_every_wire_tells_the_same_curve(school: Stack, client: Client, made: Training) -> None:
    events = list(client.events(made.id))
    assert [event.state for event in events if isinstance(event, JobEvent)] == [
        *(JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
    ]
    assert [event.step for event in events if isinstance(event, StepEvent)] == [1, 2, 3, 4]
    told = [event.point for event in events if isinstance(event, PointEvent)]
    assert told == list(client.metrics(made.id))
    assert [point.step for point in told] == [1, 2, 3, 4]
    assert made.latest == told[-1]
    with raw_http(school) as http:
        ticket = http.post("/v1/tickets", params={"job_id": str(made.id)}).json()["ticket"]
        page = http.get(f"/v1/trainings/{made.id}/metrics?limit=3").json()
        rest = http.get(f"/v1/trainings/{made.id}/metrics?cursor={page['next_cursor']}").json()
    heard = over_websocket(school, str(made.id), f"ticket={ticket}")
    assert [event["seq"] for event in heard] == [event.seq for event in events]
    assert [point["step"] for point in page["items"] + rest["items"]] == [1, 2, 3, 4]


def test_a_version_is_trained_further(client: Client, music: Dataset, made: Training) -> None:
    further = request(music, "tinier", steps=2).model_copy(update={"base": "tiny"})
    training = client.train(further)
    list(client.events(training.id))
    assert client.training(training.id).state is JobState.SUCCEEDED
    card = next(model for model in client.models() if model.version == "tinier")
    base = next(model for model in client.models() if model.version == "tiny")
    began = card.training["base"]
    assert (began["version"], began["sha256"]) == ("tiny", base.sha256)
    assert (began["tokens"], began["music"]) == (base.training["tokens"], ["tunes"])
    first = next(client.metrics(training.id))
    assert made.best is not None
    assert first.held_out_nats_per_note < next(client.metrics(made.id)).held_out_nats_per_note


def test_the_same_key_is_the_same_training(client: Client, music: Dataset, made: Training) -> None:
    wanted = request(music, "twice", steps=10**6)
    first = client.train(wanted, idempotency_key="once")
    assert client.train(wanted, idempotency_key="once").id == first.id
    with pytest.raises(ApiError, match="was used for another request"):
        client.train(request(music, "other"), idempotency_key="once")
    client.cancel_training(first.id)
    assert next(client.trainings()).id == first.id


def test_a_name_that_is_taken_is_refused_until_its_training_has_failed(
    client: Client, music: Dataset, made: Training
) -> None:
    with pytest.raises(ApiError, match="there is a tiny already"):
        client.train(request(music, "tiny"))
    first = client.train(request(music, "soon", steps=10**6))
    with pytest.raises(ApiError, match="another training makes soon"):
        client.train(request(music, "soon"))
    until(client, first, JobState.RUNNING)
    client.cancel_training(first.id)
    until(client, first, JobState.CANCELLED)
    second = client.train(request(music, "soon"))
    client.cancel_training(second.id)
    until(client, second, JobState.CANCELLED)


def until(client: Client, training: Training, state: JobState) -> list[Event]:
    """What is heard until it is in this state."""
    heard = []
    for event in client.events(training.id):
        heard.append(event)
        if isinstance(event, JobEvent) and event.state is state:
            break
    return heard


def test_a_training_pauses_and_goes_on_from_there(
    school: Stack, client: Client, music: Dataset
) -> None:
    training = client.train(request(music, "paused", steps=400))
    for event in client.events(training.id):
        if isinstance(event, StepEvent):
            break
    assert client.pause(training.id).state is client.pause(training.id).state is JobState.PAUSED
    while runs_of(training.id):
        time.sleep(0.05)
    [attempt] = (school.folder.path / "home" / "errands" / str(training.id)).iterdir()
    kept = load_state(attempt / LAST)["progress"]["step"]
    assert client.resume(training.id).state in (JobState.QUEUED, JobState.RUNNING)
    heard = []
    for event in client.events(training.id):
        heard.append(event)
        if isinstance(event, StepEvent) and event.step > kept:
            break
    assert client.resume(training.id).state is JobState.RUNNING
    states = [event.state for event in heard if isinstance(event, JobEvent)]
    assert states == [*BEFORE, JobState.PAUSED, *BEFORE]
    steps = [event.step for event in heard if isinstance(event, StepEvent)]
    assert steps == list(range(1, kept + 2))
    client.cancel_training(training.id)
    until(client, training, JobState.CANCELLED)
    for told in (client.pause, client.resume):
        with pytest.raises(ApiError, match="nothing to"):
            told(training.id)


def test_a_queued_training_pauses_at_once_and_waits(client: Client, music: Dataset) -> None:
    running = client.train(request(music, "first", steps=400))
    until(client, running, JobState.RUNNING)
    waiting = client.train(request(music, "second", steps=400))
    assert client.pause(waiting.id).started_at is None
    client.cancel_training(running.id)
    until(client, running, JobState.CANCELLED)
    assert client.training(waiting.id).state is JobState.PAUSED
    assert client.cancel_training(waiting.id).state is JobState.CANCELLED
