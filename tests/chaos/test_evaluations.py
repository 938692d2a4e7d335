"""Whatever is killed while a version is judged: it is judged again, and written down once."""

import os
import signal
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from deploy.local.stack import Stack
from ostinato import Client, GenerationRequest
from ostinato.schemas.events import JobEvent
from ostinato.schemas.jobs import Job, JobState
from shared.models.checkpoints import read_card
from tests.conftest import QUICK, client_of
from tests.graduates import graduate
from tests.runs import runs_of

VERSION = "killed-judge"


@pytest.fixture(scope="module")
def client(school: Stack) -> Iterator[Client]:
    with client_of(school) as client:
        yield client


@pytest.fixture(scope="module")
def job(school: Stack, client: Client) -> Job:
    """Eight pieces of a version that is played."""
    graduate(client, VERSION)
    asked = client.generate(GenerationRequest(model=VERSION, count=8, bars=2, seed=5))
    school.start("worker", **QUICK)
    try:
        return client.wait(asked.id)
    finally:
        school.stop("worker")


def judge_of(evaluation_id: UUID) -> int:
    """The process that judges, once there is one."""
    while not (found := runs_of(evaluation_id, "services.trainer.programs.evaluate_model")):
        time.sleep(0.01)
    return found[0]


@pytest.mark.parametrize("victim", ["child", "trainer"])
def test_a_killed_judge_is_followed_by_another_and_the_card_is_written_once(
    school: Stack, client: Client, job: Job, victim: str
) -> None:
    log = school.folder.path / "log"
    begun = len(log.read_text())
    evaluation = client.evaluate(job.id)
    child = judge_of(evaluation.id)
    if victim == "child":
        os.kill(child, signal.SIGKILL)
    else:
        school.kill("trainer")
        school.restart("trainer")
    done = client.evaluated(evaluation.id)
    assert (done.state, done.error) == (JobState.SUCCEEDED, None)
    states = [event.state for event in client.events(done.id) if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    said = log.read_text()[begun:]
    assert said.count(f"Job {done.id}, attempt") == 2
    assert said.count(f"{VERSION} is judged by 8 pieces") == 1
    card = read_card(school.folder.path.parent / "checkpoints" / VERSION)
    assert done.samples is not None
    assert card.evaluation["samples"] == done.samples.model_dump(mode="json")
    assert card.sha256 == done.model_sha256
