"""Whatever is killed while a model learns: the run goes on from its last checkpoint, alone."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from redis import Redis

from deploy.local.stack import Stack
from ostinato import Client, Overrides, TrainingRequest
from ostinato.schemas.datasets import Dataset
from ostinato.schemas.events import Event, JobEvent, PointEvent, ResyncEvent, StepEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training
from services.trainer.publishing.checkpoint_folder import incoming_under
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import LAST
from tests.conftest import QUICK, client_of
from tests.runs import alive, parent_of, runs_of, session_of
from tests.tunes import tunes

TRAINERS = ("trainer", "second")


@pytest.fixture(scope="module")
def client(school: Stack) -> Iterator[Client]:
    with client_of(school) as client:
        yield client


@pytest.fixture(scope="module")
def music(client: Client) -> Dataset:
    return client.read(client.upload("tunes", tunes()).id)


def train(client: Client, music: Dataset, version: str, steps: int) -> Training:
    overrides = Overrides(steps=steps, batch=1, patience=steps)
    return client.train(
        TrainingRequest(recipe="mini", version=version, dataset=str(music.id), overrides=overrides)
    )


def until_a_point(client: Client, training: Training, step: int) -> None:
    """Listen until the curve has a point at this step or later."""
    for event in client.events(training.id):
        if isinstance(event, PointEvent) and event.point.step >= step:
            return


def process_of(training: Training) -> int:
    """The one that trains it."""
    [pid] = runs_of(training.id)
    return pid


def listen_to_the_end(client: Client, training: Training) -> list[Event]:
    """All its events; whenever one comes there is one process that trains, or none."""
    heard = []
    for event in client.events(training.id):
        assert len(runs_of(training.id)) <= 1
        heard.append(event)
    return heard


def assert_whole(client: Client, training: Training, heard: list[Event], steps: int) -> None:
    """It has succeeded, and each step and each point was told once."""
    assert client.training(training.id).state is JobState.SUCCEEDED
    told = [event for event in heard if not isinstance(event, ResyncEvent)]
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert [event.step for event in heard if isinstance(event, StepEvent)] == list(
        range(1, steps + 1)
    )
    points = [event.point for event in heard if isinstance(event, PointEvent)]
    assert points == list(client.metrics(training.id))


def folder_of(school: Stack, training_id: UUID) -> Path:
    return school.folder.path / "home" / "errands" / str(training_id)


def log_since(school: Stack, position: int) -> str:
    return (school.folder.path / "log").read_text()[position:]


def test_a_killed_run_goes_on_from_its_last_checkpoint(
    school: Stack, client: Client, music: Dataset
) -> None:
    begun = len(log_since(school, 0))
    training = train(client, music, "killed-run", steps=6)
    until_a_point(client, training, step=2)
    os.kill(process_of(training), signal.SIGKILL)
    assert_whole(client, training, listen_to_the_end(client, training), steps=6)
    log = log_since(school, begun)
    assert "its process ended with signal 9" in log
    for step in (1, 2):
        assert log.count(f"step {step}: ") == 1, "it began anew"


def test_a_version_that_cannot_be_stored_now_is_stored_later(
    school: Stack, client: Client, music: Dataset
) -> None:
    begun = len(log_since(school, 0))
    incoming = incoming_under(school.folder.path.parent / "checkpoints")
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.touch()
    training = train(client, music, "stored-later", steps=1)
    while "crashed: " not in log_since(school, begun):
        assert client.training(training.id).state is not JobState.FAILED
        time.sleep(0.05)
    incoming.unlink()
    list(client.events(training.id))
    assert client.training(training.id).state is JobState.SUCCEEDED
    assert log_since(school, begun).count("step 1: ") == 1, "it began anew"


def test_nothing_of_a_run_outlives_a_killed_trainer_and_the_next_one_goes_on(
    school: Stack, client: Client, music: Dataset
) -> None:
    begun = len(log_since(school, 0))
    training = train(client, music, "killed-trainer", steps=6)
    until_a_point(client, training, step=2)
    processes = session_of(process_of(training))
    assert processes
    school.kill("trainer")
    while alive(processes):
        time.sleep(0.01)
    school.restart("trainer")
    assert_whole(client, training, listen_to_the_end(client, training), steps=6)
    log = log_since(school, begun)
    for step in (1, 2):
        assert log.count(f"step {step}: ") == 1, "it began anew"


def test_readers_die_with_a_killed_trainer(school: Stack, client: Client) -> None:
    """Those that a child has started, too: the kernel is asked by each of them."""
    dataset = client.upload("many", tunes(200))
    while len(processes := readers_of(dataset.id)) < 3:
        assert client.dataset(dataset.id).report is None, "the fault comes too late"
    school.kill("trainer")
    while alive(processes):
        time.sleep(0.01)
    school.restart("trainer")
    report = client.read(dataset.id).report
    assert report is not None
    assert report.found == 200


def readers_of(dataset_id: UUID) -> set[int]:
    """The child that reads a data set, with those that it has started."""
    return {
        pid for child in runs_of(dataset_id, "services.trainer.programs.inspect_dataset") for pid in session_of(child)
    }


def test_a_frozen_trainer_writes_nothing_once_another_has_its_run(
    school: Stack, client: Client, music: Dataset
) -> None:
    """Its child is not frozen: it has to find out by itself that the claim has ended."""
    school.start("second", "trainer", **QUICK)
    training = train(client, music, "frozen", steps=119)
    until_a_point(client, training, step=2)
    frozen = process_of(training)
    [holder] = [name for name in TRAINERS if school.process(name).pid == parent_of(frozen)]
    school.process(holder).signal(signal.SIGSTOP)
    attempts = folder_of(school, training.id)
    while not (attempts / "2" / LAST).exists():
        assert alive({frozen})
        time.sleep(0.02)
    kept = load_state(attempts / "2" / LAST)["progress"]["step"]
    until_a_point(client, training, step=kept + 2)
    assert [path.name for path in attempts.iterdir()] == ["2"]
    school.process(holder).signal(signal.SIGCONT)
    while alive({frozen}):
        time.sleep(0.02)
    assert len(runs_of(training.id)) == 1
    client.cancel_training(training.id)
    events = list(client.events(training.id))
    assert isinstance(events[-1], JobEvent)
    assert events[-1].state is JobState.CANCELLED
    school.stop("second")


def test_a_training_goes_on_whatever_server_is_away(
    school: Stack, client: Client, music: Dataset
) -> None:
    begun = len(log_since(school, 0))
    training = train(client, music, "outages", steps=9)
    until_a_point(client, training, step=1)
    school.kill("postgres")
    school.restart("postgres")
    with Redis.from_url(school.redis_url) as redis:
        redis.flushall()
    until_a_point(client, training, step=3)
    school.kill("valkey")
    school.restart("valkey")
    states = [event.state for event in client.events(training.id) if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    assert [point.step for point in client.metrics(training.id)] == list(range(1, 10))
    assert log_since(school, begun).count(f"Job {training.id}, attempt") == 1
