"""The training commands: requests, output and exit codes."""

import json

import pytest

from ostinato.cli import trainings
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import HyperparameterOverrides, TrainingRequest
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import (
    JOB_ID,
    a_training,
    job_event,
    metrics_event,
    page,
    problem,
    some_metrics,
    sse,
    step_event,
)
from tests.unit.ostinato.scripted_server import ScriptedServer

PATH = f"/v1/trainings/{JOB_ID}"
EVENTS = f"/v1/jobs/{JOB_ID}/events"


@pytest.fixture
def training_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server that accepts a training and finishes it at once."""
    cli_server.script(
        "/v1/trainings", a_training(JobState.QUEUED, validated=False).model_dump_json()
    )
    events = sse(
        step_event(1, 10, 1.0), metrics_event(2, some_metrics()), job_event(3, JobState.SUCCEEDED)
    )
    cli_server.script(EVENTS, events)
    cli_server.script(PATH, a_training(JobState.SUCCEEDED).model_dump_json())
    return cli_server


def test_train_waits_for_the_end_and_prints_the_best_validation(
    training_server: ScriptedServer,
) -> None:
    result = ostinato("train", "mini", "mine")
    assert result.exit_code == 0, result.output
    assert f"Training {JOB_ID}" in result.output
    assert "step 10" in result.output
    assert "succeeded; best validation after step 10: 2.500 nats per held-out note" in result.output


def test_train_sends_its_options(training_server: ScriptedServer) -> None:
    options = (
        "--dataset music21 --base mini --steps 8 --batch-size 2 --patience 3 --seed 5 --detach"
    )
    assert ostinato("train", "mini", "mine", *options.split()).exit_code == 0
    assert TrainingRequest.model_validate_json(training_server.bodies[0]) == TrainingRequest(
        recipe="mini",
        version="mine",
        dataset="music21",
        base="mini",
        overrides=HyperparameterOverrides(steps=8, batch_size=2, patience=3, seed=5),
    )
    assert not training_server.count_requests(EVENTS)


def test_an_invalid_option_sends_no_request(training_server: ScriptedServer) -> None:
    result = ostinato("train", "mini", "mine", "--steps", "0")
    assert result.exit_code == 2
    assert "--steps" in result.stderr
    assert not training_server.requests


def test_an_unknown_recipe_is_reported_with_the_available_ones(
    training_server: ScriptedServer,
) -> None:
    error = problem(404, "recipe_not_found", "There is no recipe 'x'.", recipes=["mini", "v2"])
    training_server.script("/v1/trainings", error)
    result = ostinato("train", "x", "mine")
    assert (result.exit_code, result.stderr) == (
        2,
        "There is no recipe 'x'.\nAvailable recipes: mini, v2.\n",
    )


def test_a_failed_training_exits_1_and_prints_its_error(training_server: ScriptedServer) -> None:
    training_server.script(EVENTS, sse(job_event(1, JobState.FAILED)))
    training_server.script(PATH, a_training(JobState.FAILED).model_dump_json())
    result = ostinato("train", "mini", "mine")
    assert result.exit_code == 1
    assert "is failed: The worker crashed." in result.stderr


def test_ctrl_c_leaves_the_training_running(
    training_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trainings, "show_progress", interrupt)
    result = ostinato("train", "mini", "mine")
    assert result.exit_code == 130
    assert f"ostinato cancel {JOB_ID}" in result.stderr
    assert not training_server.count_requests(f"{PATH}/cancel")


def test_trainings_are_listed_and_shown(training_server: ScriptedServer) -> None:
    training_server.script("/v1/trainings", page(a_training(), a_training(validated=False)))
    rows = ostinato("trainings").output.splitlines()
    assert rows[2].split() == [str(JOB_ID), "running", "mine", "10", "2.500"]
    assert rows[3].split()[3:] == ["-", "-"]
    training_server.script(PATH, a_training().model_dump_json())
    assert "mine" in ostinato("training", str(JOB_ID)).output
    assert json.loads(ostinato("training", str(JOB_ID), "--json").output)["state"] == "running"


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_a_training_can_be_paused_and_resumed(training_server: ScriptedServer, action: str) -> None:
    training_server.script(
        f"{PATH}/{action}", a_training(JobState.PAUSED, validated=False).model_dump_json()
    )
    assert ostinato(action, str(JOB_ID)).output == f"Training {JOB_ID} is paused.\n"
