"""What `ostinato train` and its companions ask, print and exit with."""

import json

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli import trainings
from ostinato.cli.app import app
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Overrides, TrainingRequest
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import (
    JOB_ID,
    a_job,
    a_point,
    a_training,
    examined,
    moved,
    page,
    problem,
    sse,
    stepped,
)

PATH = f"/v1/trainings/{JOB_ID}"
EVENTS = f"/v1/jobs/{JOB_ID}/events"


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


@pytest.fixture
def school(at_peer: Peer) -> Peer:
    """A peer that trains at once."""
    at_peer.will_say("/v1/trainings", a_training(JobState.QUEUED, point=False).model_dump_json())
    heard = sse(stepped(1, 10, 1.0), examined(2, a_point()), moved(3, JobState.SUCCEEDED))
    at_peer.will_say(EVENTS, heard)
    at_peer.will_say(PATH, a_training(JobState.SUCCEEDED).model_dump_json())
    return at_peer


def test_train_follows_to_the_end_and_says_how_good_it_is(school: Peer) -> None:
    result = ostinato("train", "mini", "mine")
    assert result.exit_code == 0, result.output
    assert f"Training {JOB_ID}" in result.output
    assert "step 10" in result.output
    assert "succeeded; at its best, after step 10, 2.500 nats a note" in result.output


def test_train_asks_for_what_was_typed(school: Peer) -> None:
    typed = "--dataset music21 --base mini --steps 8 --batch 2 --patience 3 --seed 5 --detach"
    assert ostinato("train", "mini", "mine", *typed.split()).exit_code == 0
    assert TrainingRequest.model_validate_json(school.bodies[0]) == TrainingRequest(
        recipe="mini",
        version="mine",
        dataset="music21",
        base="mini",
        overrides=Overrides(steps=8, batch=2, patience=3, seed=5),
    )
    assert not school.asked(EVENTS)


def test_a_request_that_cannot_be_is_not_sent(school: Peer) -> None:
    result = ostinato("train", "mini", "mine", "--steps", "0")
    assert result.exit_code == 2
    assert "--steps" in result.stderr
    assert not school.requests


def test_an_unknown_recipe_is_told_with_those_that_there_are(school: Peer) -> None:
    answer = problem(404, "recipe_not_found", "There is no recipe 'x'.", recipes=["mini", "v2"])
    school.will_say("/v1/trainings", answer)
    result = ostinato("train", "x", "mine")
    assert (result.exit_code, result.stderr) == (
        2,
        "There is no recipe 'x'.\nThere are: mini, v2.\n",
    )


def test_a_training_that_fails_exits_1_and_says_why(school: Peer) -> None:
    school.will_say(EVENTS, sse(moved(1, JobState.FAILED)))
    school.will_say(PATH, a_training(JobState.FAILED).model_dump_json())
    result = ostinato("train", "mini", "mine")
    assert result.exit_code == 1
    assert "is failed: It fell over." in result.stderr


def test_ctrl_c_leaves_the_training_alone(school: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trainings, "follow", interrupt)
    result = ostinato("train", "mini", "mine")
    assert result.exit_code == 130
    assert f"ostinato cancel {JOB_ID}" in result.stderr
    assert not school.asked(f"{PATH}/cancel")


def test_trainings_are_listed_and_shown(school: Peer) -> None:
    school.will_say("/v1/trainings", page(a_training(), a_training(point=False)))
    rows = ostinato("trainings").output.splitlines()
    assert rows[2].split()[:6] == [str(JOB_ID), "running", "mini", "mine", "10", "2.500"]
    assert rows[3].split()[4:6] == ["-", "-"]
    school.will_say(PATH, a_training().model_dump_json())
    assert "mine" in ostinato("training", str(JOB_ID)).output
    assert json.loads(ostinato("training", str(JOB_ID), "--json").output)["state"] == "running"


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_a_training_is_told_what_to_do(school: Peer, what: str) -> None:
    school.will_say(f"{PATH}/{what}", a_training(JobState.PAUSED, point=False).model_dump_json())
    assert ostinato(what, str(JOB_ID)).output == f"Training {JOB_ID} is paused.\n"


def test_cancel_takes_the_id_of_a_job_or_of_a_training(school: Peer) -> None:
    job = f"/v1/jobs/{JOB_ID}/cancel"
    school.will_say(job, a_job(JobState.CANCELLED).model_dump_json())
    assert ostinato("cancel", str(JOB_ID)).output.startswith(f"Job {JOB_ID} is cancelled")
    school.will_say(job, problem(404, "job_not_found", "There is no job."))
    school.will_say(f"{PATH}/cancel", a_training(JobState.CANCELLED).model_dump_json())
    assert ostinato("cancel", str(JOB_ID)).output.startswith(f"Training {JOB_ID} is cancelled")
    school.will_say(job, problem(409, "conflict", "It has already succeeded."))
    assert ostinato("cancel", str(JOB_ID)).exit_code == 2
