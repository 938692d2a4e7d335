"""After a crash during an evaluation it runs again, and its result is stored once."""

import os
import signal
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from deploy.local.stack import Stack
from ostinato import Client, GenerationRequest
from ostinato.schemas.events import JobEvent
from ostinato.schemas.jobs import GenerationJob, JobState
from shared.models.checkpoints import read_card
from tests.conftest import client_of
from tests.support.processes import child_pids
from tests.support.training import train_and_promote

VERSION = "killed-evaluation"


@pytest.fixture(scope="module")
def client(restorable_stack: Stack) -> Iterator[Client]:
    with client_of(restorable_stack) as client:
        yield client


@pytest.fixture(scope="module")
def job(client: Client) -> GenerationJob:
    """A finished job of eight melodies."""
    train_and_promote(client, VERSION)
    return client.wait(
        client.generate(GenerationRequest(model=VERSION, count=8, bars=2, seed=5)).id
    )


def evaluation_process(evaluation_id: UUID) -> int:
    """The pid of the child that evaluates, as soon as it exists."""
    while not (found := child_pids(evaluation_id, "services.trainer.programs.evaluate_model")):
        time.sleep(0.01)
    return found[0]


@pytest.mark.parametrize("victim", ["child", "trainer"])
def test_a_killed_evaluation_is_repeated_and_the_card_is_written_once(
    isolated_stack: Stack, client: Client, job: GenerationJob, victim: str
) -> None:
    log = isolated_stack.state_dir.path / "log"
    log_position = len(log.read_text())
    evaluation = client.evaluate(job.id)
    child = evaluation_process(evaluation.id)
    if victim == "child":
        os.kill(child, signal.SIGKILL)
    else:
        isolated_stack.kill("trainer")
        isolated_stack.restart("trainer")
    finished = client.wait_for_evaluation(evaluation.id)
    assert (finished.state, finished.error) == (JobState.SUCCEEDED, None)
    states = [event.state for event in client.events(finished.id) if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    new_lines = log.read_text()[log_position:]
    assert new_lines.count(f"Claimed job {finished.id}, attempt") == 2
    assert new_lines.count(f"The card of {VERSION} has measurements of 8 new samples") == 1
    card = read_card(isolated_stack.state_dir.path.parent / "checkpoints" / VERSION)
    assert finished.samples is not None
    assert card.evaluation.samples == finished.samples
    assert card.sha256 == finished.model_sha256
