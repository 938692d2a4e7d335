"""What `ostinato evaluate` asks, prints, writes and exits with."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli.app import app
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import (
    EVALUATION_ID,
    JOB_ID,
    a_job,
    a_model,
    an_evaluation,
    committed,
    moved,
    page,
    problem,
    some_samples,
    sse,
)

GENERATIONS, EVALUATIONS = "/v1/generations", "/v1/evaluations"
JOB, EVALUATION = f"/v1/jobs/{JOB_ID}", f"{EVALUATIONS}/{EVALUATION_ID}"


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


@pytest.fixture
def jury(at_peer: Peer) -> Peer:
    """A peer where all that is promoted has been judged as soon as it was asked for."""
    figures = {
        "nats_per_note": 3.25,
        "bits_per_second": 20.5,
        "held_out": {"pieces": 9},
        "samples": some_samples().model_dump(mode="json"),
    }
    models = [
        a_model(name).model_copy(update={"evaluation": figures}) for name in ("mini", "v6", "x")
    ]
    waiting = models[1].model_copy(update={"sha256": "cd" * 32, "promoted_at": None})
    at_peer.will_say("/v1/models", page(*models, waiting))
    at_peer.will_say(GENERATIONS, a_job(JobState.QUEUED).model_dump_json())
    at_peer.will_say(f"{JOB}/events", sse(committed(1), moved(2, JobState.SUCCEEDED)))
    at_peer.will_say(JOB, a_job(JobState.SUCCEEDED, succeeded=1).model_dump_json())
    at_peer.will_say(EVALUATIONS, an_evaluation(JobState.QUEUED).model_dump_json())
    at_peer.will_say(EVALUATION, an_evaluation().model_dump_json())
    return at_peer


def bodies_of(peer: Peer, path: str) -> list[bytes]:
    asked = zip(peer.requests, peer.bodies, strict=True)
    return [body for request, body in asked if request.url.path == path]


def reported(folder: str) -> list[str]:
    return list(json.loads((Path(folder) / "evaluation.json").read_text()))


def test_all_that_is_promoted_is_judged_one_after_another(jury: Peer) -> None:
    result = ostinato("evaluate")
    assert result.exit_code == 0, result.output
    asked = [GenerationRequest.model_validate_json(body) for body in bodies_of(jury, GENERATIONS)]
    assert asked == [
        GenerationRequest(model=name, count=1000, bars=8, seed=0) for name in ("mini", "v6", "x")
    ]
    judged = [EvaluationRequest.model_validate_json(body) for body in bodies_of(jury, EVALUATIONS)]
    assert [request.job_id for request in judged] == [JOB_ID] * 3
    order = [r.url.path for r in jury.requests if r.url.path in (GENERATIONS, EVALUATIONS)]
    assert order == [GENERATIONS, EVALUATIONS] * 3
    assert "9 notes are copied in a row at the median, 8 by held-out music." in result.output
    assert reported("docs") == ["mini", "v6", "x"]
    assert not jury.asked(f"{JOB}/melodies")


def test_what_is_typed_is_judged_and_the_numbered_versions_are_shown_beside_it(jury: Peer) -> None:
    result = ostinato("evaluate", "x", "--count", "3", "--bars", "4", "--seed", "9", "--out", "o")
    assert result.exit_code == 0, result.output
    [body] = bodies_of(jury, GENERATIONS)
    assert GenerationRequest.model_validate_json(body) == GenerationRequest(
        model="x", count=3, bars=4, seed=9
    )
    assert reported("o") == ["v6", "x"]


def test_what_cannot_be_generated_is_named_and_the_others_go_on(jury: Peer) -> None:
    unknown = problem(404, "model_not_found", "There is no model 'polka'.")
    jury.will_say(GENERATIONS, unknown, a_job(JobState.QUEUED).model_dump_json())
    result = ostinato("evaluate", "polka", "v6")
    assert result.exit_code == 1
    assert result.stderr == "polka: There is no model 'polka'.\nNot judged: polka.\n"
    assert reported("docs") == ["v6"]


def test_an_evaluation_that_fails_is_named_and_the_others_go_on(jury: Peer) -> None:
    failed = an_evaluation(JobState.FAILED).model_dump_json()
    jury.will_say(EVALUATION, failed, an_evaluation().model_dump_json())
    result = ostinato("evaluate", "x", "v6")
    assert result.exit_code == 1
    assert "is failed: It fell over." in result.stderr
    assert result.stderr.endswith("Not judged: x.\n")
    assert reported("docs") == ["v6", "x"]


def test_a_card_that_keeps_another_judgement_is_named(jury: Peer) -> None:
    ours = some_samples(3).model_copy(update={"job_id": EVALUATION_ID})
    judged = an_evaluation().model_copy(update={"samples": ours})
    jury.will_say(EVALUATION, judged.model_dump_json())
    result = ostinato("evaluate", "x", "--count", "3")
    assert result.exit_code == 0, result.output
    assert result.stderr == "x: its card keeps the judgement by 998 pieces, which weighs more.\n"


def test_a_request_that_cannot_be_is_not_sent(jury: Peer) -> None:
    result = ostinato("evaluate", "v6", "--count", "0")
    assert result.exit_code == 2
    assert "--count" in result.stderr
    assert not jury.asked(GENERATIONS)


def test_a_folder_that_cannot_be_written_is_named(jury: Peer) -> None:
    Path("file").write_text("no folder")
    result = ostinato("evaluate", "v6", "--out", "file/docs")
    assert result.exit_code == 2
    assert result.stderr.startswith("Cannot write to file/docs")


def test_ctrl_c_ends_the_generation_too(jury: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluations, "follow", interrupt)
    jury.will_say(f"{JOB}/cancel", a_job(JobState.CANCELLED).model_dump_json())
    result = ostinato("evaluate", "v6")
    assert result.exit_code == 130
    assert result.stderr == f"Job {JOB_ID} is cancelled.\n"
    assert jury.asked(f"{JOB}/cancel")
    assert not jury.asked(EVALUATIONS)
