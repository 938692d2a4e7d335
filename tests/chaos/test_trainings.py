"""After a crash a training continues from its last checkpoint, in one process."""

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
from ostinato import Client, HyperparameterOverrides, TrainingRequest
from ostinato.schemas.datasets import Dataset
from ostinato.schemas.events import Event, JobEvent, MetricsEvent, ResyncEvent, StepEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training
from services.trainer.publishing.checkpoint_folder import staging_dir
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer_state import LAST_CHECKPOINT
from tests.conftest import client_of
from tests.support.midi import zip_of_random_midis
from tests.support.processes import child_pids, parent_of, running, session_of
from tests.support.servers.stacks import FAST_LEASES

TRAINERS = ("trainer", "trainer-2")


@pytest.fixture(scope="module")
def client(restorable_stack: Stack) -> Iterator[Client]:
    with client_of(restorable_stack) as client:
        yield client


@pytest.fixture(scope="module")
def music(client: Client) -> Dataset:
    return client.wait_for_dataset(client.upload_dataset("tunes", zip_of_random_midis()).id)


def train(client: Client, music: Dataset, version: str, steps: int) -> Training:
    overrides = HyperparameterOverrides(steps=steps, batch_size=1, patience=steps)
    return client.train(
        TrainingRequest(recipe="mini", version=version, dataset=str(music.id), overrides=overrides)
    )


def wait_for_metrics(client: Client, training: Training, step: int) -> None:
    """Wait for the metrics of this step or a later one."""
    for event in client.events(training.id):
        if isinstance(event, MetricsEvent) and event.metrics.step >= step:
            return


def training_process(training: Training) -> int:
    """The pid of the child that runs the training."""
    [pid] = child_pids(training.id)
    return pid


def read_all_events(client: Client, training: Training) -> list[Event]:
    """All events of the training; at each of them, at most one process runs it."""
    received = []
    for event in client.events(training.id):
        assert len(child_pids(training.id)) <= 1
        received.append(event)
    return received


def assert_complete(client: Client, training: Training, received: list[Event], steps: int) -> None:
    """Check that the training succeeded, with one event per step and per validation."""
    assert client.training(training.id).state is JobState.SUCCEEDED
    events = [event for event in received if not isinstance(event, ResyncEvent)]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.step for event in received if isinstance(event, StepEvent)] == list(
        range(1, steps + 1)
    )
    metrics = [event.metrics for event in received if isinstance(event, MetricsEvent)]
    assert metrics == list(client.training_metrics(training.id))


def attempts_dir(isolated_stack: Stack, training_id: UUID) -> Path:
    return isolated_stack.state_dir.path / "cache" / "jobs" / str(training_id)


def log_since(isolated_stack: Stack, position: int) -> str:
    return (isolated_stack.state_dir.path / "log").read_text()[position:]


def test_a_killed_run_resumes_from_its_last_checkpoint(
    isolated_stack: Stack, client: Client, music: Dataset
) -> None:
    log_position = len(log_since(isolated_stack, 0))
    training = train(client, music, "killed-run", steps=6)
    wait_for_metrics(client, training, step=2)
    os.kill(training_process(training), signal.SIGKILL)
    assert_complete(client, training, read_all_events(client, training), steps=6)
    log = log_since(isolated_stack, log_position)
    assert "its process was killed by signal 9" in log
    for step in (1, 2):
        assert log.count(f"Step {step}: ") == 1, "it started from scratch"


def test_storing_a_version_is_retried(
    isolated_stack: Stack, client: Client, music: Dataset
) -> None:
    log_position = len(log_since(isolated_stack, 0))
    staging = staging_dir(isolated_stack.state_dir.path.parent / "checkpoints")
    shutil.rmtree(staging, ignore_errors=True)
    staging.touch()
    training = train(client, music, "stored-later", steps=1)
    while "crashed: " not in log_since(isolated_stack, log_position):
        assert client.training(training.id).state is not JobState.FAILED
        time.sleep(0.05)
    staging.unlink()
    list(client.events(training.id))
    assert client.training(training.id).state is JobState.SUCCEEDED
    assert log_since(isolated_stack, log_position).count("Step 1: ") == 1, "it started from scratch"


def test_no_process_outlives_a_killed_trainer_and_the_next_one_resumes(
    isolated_stack: Stack, client: Client, music: Dataset
) -> None:
    log_position = len(log_since(isolated_stack, 0))
    training = train(client, music, "killed-trainer", steps=6)
    wait_for_metrics(client, training, step=2)
    processes = session_of(training_process(training))
    assert processes
    isolated_stack.kill("trainer")
    while running(processes):
        time.sleep(0.01)
    isolated_stack.restart("trainer")
    assert_complete(client, training, read_all_events(client, training), steps=6)
    log = log_since(isolated_stack, log_position)
    for step in (1, 2):
        assert log.count(f"Step {step}: ") == 1, "it started from scratch"


def test_import_processes_die_with_a_killed_trainer(isolated_stack: Stack, client: Client) -> None:
    """The descendants of the child die too: each requests a signal from the kernel."""
    dataset = client.upload_dataset("many", zip_of_random_midis(200))
    while len(processes := import_processes(dataset.id)) < 3:
        assert client.dataset(dataset.id).report is None, "the import ended before the fault"
    isolated_stack.kill("trainer")
    while running(processes):
        time.sleep(0.01)
    isolated_stack.restart("trainer")
    report = client.wait_for_dataset(dataset.id).report
    assert report is not None
    assert report.found == 200


def import_processes(dataset_id: UUID) -> set[int]:
    """The child that imports a data set, and its descendants."""
    return {
        pid
        for child in child_pids(dataset_id, "services.trainer.programs.inspect_dataset")
        for pid in session_of(child)
    }


def test_a_frozen_trainers_child_stops_once_another_trainer_has_claimed_its_run(
    isolated_stack: Stack, client: Client, music: Dataset
) -> None:
    """The child is not frozen: it has to detect that the lease has expired."""
    isolated_stack.start("trainer-2", "trainer", **FAST_LEASES)
    training = train(client, music, "frozen", steps=200)
    wait_for_metrics(client, training, step=2)
    frozen = training_process(training)
    [holder] = [name for name in TRAINERS if isolated_stack.process(name).pid == parent_of(frozen)]
    isolated_stack.process(holder).signal(signal.SIGSTOP)
    attempts = attempts_dir(isolated_stack, training.id)
    while not (attempts / "2" / LAST_CHECKPOINT).exists():
        assert running({frozen})
        time.sleep(0.02)
    checkpoint_step = load_state(attempts / "2" / LAST_CHECKPOINT)["trainer_state"]["step"]
    wait_for_metrics(client, training, step=checkpoint_step + 2)
    assert [path.name for path in attempts.iterdir()] == ["2"]
    isolated_stack.process(holder).signal(signal.SIGCONT)
    while running({frozen}):
        time.sleep(0.02)
    assert len(child_pids(training.id)) == 1
    client.cancel_training(training.id)
    events = list(client.events(training.id))
    assert isinstance(events[-1], JobEvent)
    assert events[-1].state is JobState.CANCELLED


def test_a_training_survives_outages_of_the_servers(
    isolated_stack: Stack, client: Client, music: Dataset
) -> None:
    log_position = len(log_since(isolated_stack, 0))
    training = train(client, music, "outages", steps=9)
    wait_for_metrics(client, training, step=1)
    isolated_stack.kill("postgres")
    isolated_stack.restart("postgres")
    with Redis.from_url(isolated_stack.redis_url) as redis:
        redis.flushall()
    wait_for_metrics(client, training, step=3)
    isolated_stack.kill("valkey")
    isolated_stack.restart("valkey")
    states = [event.state for event in client.events(training.id) if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    assert [point.step for point in client.training_metrics(training.id)] == list(range(1, 10))
    assert log_since(isolated_stack, log_position).count(f"Claimed job {training.id}, attempt") == 1
