"""`ostinato evaluate`: requests, output and exit codes."""

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli import evaluate
from ostinato.cli.app import app
from ostinato.schemas.cards import EvaluationRecord
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import (
    EVALUATION_ID,
    JOB_ID,
    a_job,
    a_model,
    a_sample_evaluation,
    an_evaluation,
    job_event,
    melody_event,
    page,
    problem,
    sse,
)
from tests.unit.ostinato.scripted_server import ScriptedServer

GENERATIONS, EVALUATIONS = "/v1/generations", "/v1/evaluations"
JOB, EVALUATION = f"/v1/jobs/{JOB_ID}", f"{EVALUATIONS}/{EVALUATION_ID}"


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


@pytest.fixture
def evaluation_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server with three promoted versions that finishes every evaluation at once."""
    evaluation = EvaluationRecord(nats_per_note=3.25, samples=a_sample_evaluation())
    models = [
        a_model(name).model_copy(update={"evaluation": evaluation}) for name in ("mini", "v6", "x")
    ]
    registered = models[1].model_copy(update={"sha256": "cd" * 32, "promoted_at": None})
    cli_server.script("/v1/models", page(*models, registered))
    cli_server.script(GENERATIONS, a_job(JobState.QUEUED).model_dump_json())
    cli_server.script(f"{JOB}/events", sse(melody_event(1), job_event(2, JobState.SUCCEEDED)))
    cli_server.script(JOB, a_job(JobState.SUCCEEDED, succeeded=1).model_dump_json())
    cli_server.script(EVALUATIONS, an_evaluation(JobState.QUEUED).model_dump_json())
    cli_server.script(EVALUATION, an_evaluation().model_dump_json())
    return cli_server


def bodies_of(server: ScriptedServer, path: str) -> list[bytes]:
    received = zip(server.requests, server.bodies, strict=True)
    return [body for request, body in received if request.url.path == path]


def test_all_promoted_versions_are_evaluated_one_after_another(
    evaluation_server: ScriptedServer,
) -> None:
    result = ostinato("evaluate")
    assert result.exit_code == 0, result.output
    generations = [
        GenerationRequest.model_validate_json(body)
        for body in bodies_of(evaluation_server, GENERATIONS)
    ]
    assert generations == [
        GenerationRequest(model=name, count=1000, bars=8, seed=0) for name in ("mini", "v6", "x")
    ]
    evaluations = [
        EvaluationRequest.model_validate_json(body)
        for body in bodies_of(evaluation_server, EVALUATIONS)
    ]
    assert [request.job_id for request in evaluations] == [JOB_ID] * 3
    order = [
        request.url.path
        for request in evaluation_server.requests
        if request.url.path in (GENERATIONS, EVALUATIONS)
    ]
    assert order == [GENERATIONS, EVALUATIONS] * 3
    assert "shared with the training music: 9 notes, held-out music 8." in result.output
    assert not evaluation_server.count_requests(f"{JOB}/melodies")


def test_only_the_named_versions_are_evaluated(evaluation_server: ScriptedServer) -> None:
    result = ostinato("evaluate", "x", "--count", "3", "--bars", "4", "--seed", "9")
    assert result.exit_code == 0, result.output
    [body] = bodies_of(evaluation_server, GENERATIONS)
    assert GenerationRequest.model_validate_json(body) == GenerationRequest(
        model="x", count=3, bars=4, seed=9
    )


def test_a_version_whose_generation_is_rejected_is_reported_and_the_others_continue(
    evaluation_server: ScriptedServer,
) -> None:
    unknown = problem(404, "model_not_found", "There is no model 'polka'.")
    evaluation_server.script(GENERATIONS, unknown, a_job(JobState.QUEUED).model_dump_json())
    result = ostinato("evaluate", "polka", "v6")
    assert result.exit_code == 1
    assert result.stderr == "polka: There is no model 'polka'.\nNot evaluated: polka.\n"


def test_a_failed_evaluation_is_reported_and_the_others_continue(
    evaluation_server: ScriptedServer,
) -> None:
    failed = an_evaluation(JobState.FAILED).model_dump_json()
    evaluation_server.script(EVALUATION, failed, an_evaluation().model_dump_json())
    result = ostinato("evaluate", "x", "v6")
    assert result.exit_code == 1
    assert "is failed: The worker crashed." in result.stderr
    assert result.stderr.endswith("Not evaluated: x.\n")


def test_a_card_that_keeps_an_earlier_evaluation_is_reported(
    evaluation_server: ScriptedServer,
) -> None:
    samples = a_sample_evaluation(3).model_copy(update={"job_id": EVALUATION_ID})
    evaluation = an_evaluation().model_copy(update={"samples": samples})
    evaluation_server.script(EVALUATION, evaluation.model_dump_json())
    result = ostinato("evaluate", "x", "--count", "3")
    assert result.exit_code == 0, result.output
    assert result.stderr == (
        "x: its card keeps an earlier evaluation by 998 melodies, which takes precedence.\n"
    )


def test_an_invalid_option_sends_no_request(evaluation_server: ScriptedServer) -> None:
    result = ostinato("evaluate", "v6", "--count", "0")
    assert result.exit_code == 2
    assert "--count" in result.stderr
    assert not evaluation_server.count_requests(GENERATIONS)


def test_ctrl_c_cancels_the_generation(
    evaluation_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluate, "show_progress", interrupt)
    evaluation_server.script(f"{JOB}/cancel", a_job(JobState.CANCELLED).model_dump_json())
    result = ostinato("evaluate", "v6")
    assert result.exit_code == 130
    assert result.stderr == f"Job {JOB_ID} is cancelled.\n"
    assert evaluation_server.count_requests(f"{JOB}/cancel")
    assert not evaluation_server.count_requests(EVALUATIONS)
