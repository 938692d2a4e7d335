"""`ostinato evaluate`, `evaluations` and `evaluation`: requests, output and exit codes."""

import json

import pytest

from ostinato.schemas.cards import EvaluationRecord
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.events import ProgressEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.models import ModelVersion
from tests.unit.ostinato.command_line import ostinato
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
EVALUATION_EVENTS = f"/v1/jobs/{EVALUATION_ID}/events"
MISSING = "reference-rnb: OSTINATO_DATASETS_DIR is not set; set it to the folder of data sets."


def evaluated_model(version: str, **changes: object) -> ModelVersion:
    evaluation = EvaluationRecord(nats_per_note=3.25, samples=a_sample_evaluation())
    return a_model(version).model_copy(update={"evaluation": evaluation, **changes})


@pytest.fixture
def evaluation_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server with promoted and other versions, which finishes every evaluation at once."""
    models = [
        *map(evaluated_model, ("mini", "v6")),
        evaluated_model("v2", data_error=MISSING),
        evaluated_model("trained", promoted_at=None),
    ]
    cli_server.script("/v1/models", page(*models))
    cli_server.script(GENERATIONS, a_job(JobState.QUEUED).model_dump_json())
    cli_server.script(f"{JOB}/events", sse(melody_event(1), job_event(2, JobState.SUCCEEDED)))
    cli_server.script(JOB, a_job(JobState.SUCCEEDED, succeeded=1).model_dump_json())
    cli_server.script(EVALUATIONS, an_evaluation(JobState.QUEUED).model_dump_json())
    scoring = ProgressEvent(epoch="e", seq=2, at=1, stage="Scoring music21", progress=0.5)
    cli_server.script(
        EVALUATION_EVENTS,
        sse(job_event(1, JobState.RUNNING), scoring, job_event(3, JobState.SUCCEEDED)),
    )
    cli_server.script(EVALUATION, an_evaluation().model_dump_json())
    return cli_server


def bodies_of(server: ScriptedServer, path: str) -> list[bytes]:
    received = zip(server.requests, server.bodies, strict=True)
    return [body for request, body in received if request.url.path == path]


def requested_models(server: ScriptedServer) -> list[str | None]:
    bodies = bodies_of(server, GENERATIONS)
    return [GenerationRequest.model_validate_json(body).model for body in bodies]


def test_the_versions_whose_music_is_available_are_evaluated_one_after_another(
    evaluation_server: ScriptedServer,
) -> None:
    result = ostinato("evaluate")
    assert result.exit_code == 0, result.output
    generations = [
        GenerationRequest.model_validate_json(body)
        for body in bodies_of(evaluation_server, GENERATIONS)
    ]
    assert generations == [
        GenerationRequest(model=name, count=1000, bars=8, seed=0) for name in ("mini", "v6")
    ]
    evaluations = [
        EvaluationRequest.model_validate_json(body)
        for body in bodies_of(evaluation_server, EVALUATIONS)
    ]
    assert [request.job_id for request in evaluations] == [JOB_ID] * 2
    order = [
        request.url.path
        for request in evaluation_server.requests
        if request.url.path in (GENERATIONS, EVALUATIONS)
    ]
    assert order == [GENERATIONS, EVALUATIONS] * 2
    assert "shared with the training music: 9 notes, held-out music 8." in result.output
    assert f"v2 cannot be evaluated, because the trainer lacks its music: {MISSING}" in (
        result.stderr
    )


def test_the_progress_of_the_evaluation_is_shown(evaluation_server: ScriptedServer) -> None:
    result = ostinato("evaluate", "mini")
    lines = result.stderr.splitlines()
    assert lines[-3:] == ["running", "Scoring music21: 50%", "succeeded"]
    assert f"Evaluation {EVALUATION_ID}\n" in result.stdout


def test_only_the_named_versions_are_evaluated(evaluation_server: ScriptedServer) -> None:
    result = ostinato("evaluate", "v6", "--count", "3", "--bars", "4", "--seed", "9")
    assert result.exit_code == 0, result.output
    [body] = bodies_of(evaluation_server, GENERATIONS)
    assert GenerationRequest.model_validate_json(body) == GenerationRequest(
        model="v6", count=3, bars=4, seed=9
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("polka",), "There is no model 'polka'."),
        (("trained",), "trained is not promoted: `ostinato promote trained` promotes it."),
        (("v2",), f"v2 cannot be evaluated, because the trainer lacks its music: {MISSING}"),
        (("mini", "--bars", "100"), "--bars: mini generates 1 to 64 bars."),
    ],
)
def test_nothing_is_generated_if_a_named_version_cannot_be_evaluated(
    evaluation_server: ScriptedServer, arguments: tuple[str, ...], message: str
) -> None:
    result = ostinato("evaluate", "v6", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr.splitlines()
    assert result.stderr.splitlines()[-1] == (
        "Nothing was generated. Versions that can be evaluated: mini, v6."
    )
    assert not evaluation_server.count_requests(GENERATIONS)


def test_without_a_version_that_can_be_evaluated_nothing_is_generated(
    evaluation_server: ScriptedServer,
) -> None:
    evaluation_server.script("/v1/models", page(evaluated_model("v2", data_error=MISSING)))
    result = ostinato("evaluate")
    assert result.exit_code == 2
    assert "Versions that can be evaluated: none." in result.stderr
    assert not evaluation_server.count_requests(GENERATIONS)


def test_a_version_whose_generation_is_rejected_is_reported_and_the_others_continue(
    evaluation_server: ScriptedServer,
) -> None:
    full = problem(429, "too_many_requests", "The queue is full.")
    evaluation_server.script(GENERATIONS, full, a_job(JobState.QUEUED).model_dump_json())
    result = ostinato("evaluate", "mini", "v6")
    assert result.exit_code == 1
    assert "mini: The queue is full.\n" in result.stderr
    assert result.stderr.endswith("Not evaluated: mini.\n")
    assert requested_models(evaluation_server) == ["mini", "v6"]


def test_a_failed_evaluation_is_reported_and_the_others_continue(
    evaluation_server: ScriptedServer,
) -> None:
    failed = an_evaluation(JobState.FAILED).model_dump_json()
    evaluation_server.script(EVALUATION, failed, an_evaluation().model_dump_json())
    result = ostinato("evaluate", "mini", "v6")
    assert result.exit_code == 1
    assert "is failed: The worker crashed." in result.stderr
    assert result.stderr.endswith("Not evaluated: mini.\n")


def test_a_card_that_keeps_an_earlier_evaluation_is_reported(
    evaluation_server: ScriptedServer,
) -> None:
    samples = a_sample_evaluation(3).model_copy(update={"job_id": EVALUATION_ID})
    evaluation = an_evaluation().model_copy(update={"samples": samples})
    evaluation_server.script(EVALUATION, evaluation.model_dump_json())
    result = ostinato("evaluate", "v6", "--count", "3")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[-1] == (
        "v6: its card keeps an earlier evaluation by 998 melodies, which takes precedence."
    )


def test_an_invalid_option_sends_no_request(evaluation_server: ScriptedServer) -> None:
    result = ostinato("evaluate", "v6", "--count", "0")
    assert result.exit_code == 2
    assert "--count" in result.stderr
    assert not evaluation_server.requests


def test_evaluations_are_listed_and_shown(evaluation_server: ScriptedServer) -> None:
    evaluation_server.script(EVALUATIONS, page(an_evaluation()))
    row = ostinato("evaluations").output.splitlines()[2].split()
    assert row[:3] == [str(EVALUATION_ID), "succeeded", "mini"]
    output = ostinato("evaluation", str(EVALUATION_ID)).output
    assert "polyphony" in output
    shown = json.loads(ostinato("evaluation", str(EVALUATION_ID), "--json").output)
    assert shown["samples"]["num_pieces"] == 998
