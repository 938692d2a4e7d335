"""The request of each client method, and how it parses the response."""

import io
from pathlib import Path
from uuid import UUID

import pytest

from ostinato import (
    ApiError,
    Client,
    EngravingRequest,
    GenerationRequest,
    HyperparameterOverrides,
    TrainingRequest,
    connect,
)
from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.engravings import Engraving
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from tests.unit.ostinato.payloads import (
    DATASET_ID,
    EVALUATION_ID,
    JOB_ID,
    MELODY_ID,
    NOON,
    a_dataset,
    a_job,
    a_melody,
    a_model,
    a_summary,
    a_training,
    an_evaluation,
    page,
    problem,
    some_metrics,
)
from tests.unit.ostinato.primer_payloads import a_primer
from tests.unit.ostinato.receipt_payloads import a_receipt
from tests.unit.ostinato.scripted_server import ScriptedServer

JOB_PATH = f"/v1/jobs/{JOB_ID}"
TRAINING_PATH = f"/v1/trainings/{JOB_ID}"
DATASET_PATH = f"/v1/datasets/{DATASET_ID}"


def test_generate_sends_the_request_with_a_fresh_key(
    server: ScriptedServer, client: Client
) -> None:
    server.script("/v1/generations", a_job().model_dump_json())
    request = GenerationRequest(model="mini", count=3)
    assert client.generate(request) == a_job()
    client.generate(request)
    assert GenerationRequest.model_validate_json(server.bodies[0]) == request
    first, second = (UUID(request.headers["idempotency-key"]) for request in server.requests)
    assert first != second


def test_generate_sends_the_callers_key(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/generations", a_job().model_dump_json())
    client.generate(GenerationRequest(model="mini"), idempotency_key="mine")
    assert server.requests[0].headers["idempotency-key"] == "mine"


def test_lists_follow_the_cursor_to_the_last_page(server: ScriptedServer, client: Client) -> None:
    first, second = a_model("two"), a_model("one")
    server.script("/v1/models", page(first, cursor="c=1&x"), page(second))
    assert list(client.models()) == [first, second]
    assert [request.query_params.get("cursor") for request in server.requests] == [None, "c=1&x"]


def test_the_next_page_is_fetched_lazily(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/melodies", page(a_summary(), cursor="next"))
    next(client.melodies())
    assert len(server.requests) == 1


def test_the_state_filter_applies_to_all_pages(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/jobs", page(a_job(), cursor="next"), page())
    assert list(client.jobs(JobState.RUNNING)) == [a_job()]
    assert [request.query_params["state"] for request in server.requests] == ["running"] * 2


def test_melodies_of_a_job_come_from_the_route_of_the_job(
    server: ScriptedServer, client: Client
) -> None:
    server.script(f"{JOB_PATH}/melodies", page(a_summary()))
    assert list(client.melodies(JOB_ID)) == [a_summary()]


def test_a_melody_and_its_midi_are_fetched(server: ScriptedServer, client: Client) -> None:
    server.script(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    server.script(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    assert client.melody(MELODY_ID) == a_melody()
    assert client.midi(MELODY_ID) == b"MThd"


def test_a_primer_is_posted_as_midi(server: ScriptedServer, client: Client) -> None:
    primer = a_primer(JOB_ID)
    server.script("/v1/primers", primer.model_dump_json())
    assert client.upload_primer(b"MThd...") == primer
    assert server.requests[0].headers["content-type"] == "audio/midi"
    assert server.bodies == [b"MThd..."]


def test_a_receipt_is_fetched_page_by_page(server: ScriptedServer, client: Client) -> None:
    pages = [a_receipt(cursor="64"), a_receipt()]
    server.script(f"{JOB_PATH}/receipt", *(each.model_dump_json() for each in pages))
    assert list(client.receipt(JOB_ID)) == pages
    assert [request.query_params.get("cursor") for request in server.requests] == [None, "64"]


def test_cancel_returns_the_job(server: ScriptedServer, client: Client) -> None:
    server.script(f"{JOB_PATH}/cancel", a_job(JobState.CANCELLING).model_dump_json())
    assert client.cancel(JOB_ID).state is JobState.CANCELLING
    assert server.requests[0].method == "POST"


def test_wait_polls_until_the_job_has_ended(server: ScriptedServer, client: Client) -> None:
    done = a_job(JobState.SUCCEEDED, succeeded=1)
    server.script(JOB_PATH, a_job().model_dump_json(), done.model_dump_json())
    assert client.wait(JOB_ID) == done


def test_wait_returns_the_unfinished_job_after_its_timeout(
    server: ScriptedServer, client: Client
) -> None:
    unfinished = a_job(JobState.CANCELLING)
    server.script(f"/v1/jobs/{JOB_ID}", unfinished.model_dump_json())
    assert client.wait(JOB_ID, seconds=0.1) == unfinished


def test_wait_tolerates_an_outage_of_the_gateway(
    server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.transport.RETRY_SECONDS", 0.0)
    done = a_job(JobState.SUCCEEDED, succeeded=1)
    server.script(JOB_PATH, problem(502, "bad_gateway", "Restarting."), done.model_dump_json())
    assert client.wait(JOB_ID) == done


def test_wait_raises_at_once_for_an_unknown_job(server: ScriptedServer, client: Client) -> None:
    server.script(JOB_PATH, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        client.wait(JOB_ID)


def test_connect_uses_the_files_of_the_local_stack(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "url").write_text(f"{server.url}\n")
    (tmp_path / "var" / "api_key").write_text("key-of-make-up\n")
    server.script(JOB_PATH, a_job().model_dump_json())
    with connect() as client:
        client.job(JOB_ID)
    assert server.requests[0].headers["authorization"] == "Bearer key-of-make-up"


def test_a_zip_is_uploaded_with_its_name(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/datasets", a_dataset(DatasetState.PROCESSING).model_dump_json())
    assert client.upload_dataset("tunes", io.BytesIO(b"PK zip")).state is DatasetState.PROCESSING
    assert server.bodies == [b"PK zip"]
    assert dict(server.requests[0].query_params) == {"name": "tunes"}
    assert server.requests[0].headers["content-type"] == "application/zip"
    client.upload_dataset("tunes", io.BytesIO(b"PK zip"), deadline_seconds=60)
    assert dict(server.requests[1].query_params) == {"name": "tunes", "deadline_seconds": "60"}


def test_an_import_is_cancelled(server: ScriptedServer, client: Client) -> None:
    cancelled = a_dataset(DatasetState.CANCELLED)
    server.script(f"{DATASET_PATH}/cancel", cancelled.model_dump_json())
    server.script(DATASET_PATH, cancelled.model_dump_json())
    assert client.cancel_dataset(DATASET_ID) == cancelled
    assert client.wait_for_dataset(DATASET_ID) == cancelled


def test_wait_for_dataset_polls_until_it_is_ready_or_rejected(
    server: ScriptedServer, client: Client
) -> None:
    processing, rejected = a_dataset(DatasetState.PROCESSING), a_dataset(DatasetState.REJECTED)
    server.script(DATASET_PATH, processing.model_dump_json(), rejected.model_dump_json())
    assert client.wait_for_dataset(DATASET_ID) == rejected
    server.script(DATASET_PATH, processing.model_dump_json())
    assert client.wait_for_dataset(DATASET_ID, seconds=0) == processing


def test_train_sends_the_request_with_a_key(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/trainings", a_training(JobState.QUEUED).model_dump_json())
    request = TrainingRequest(
        recipe="mini", version="mine", overrides=HyperparameterOverrides(steps=8)
    )
    assert client.train(request).state is JobState.QUEUED
    assert TrainingRequest.model_validate_json(server.bodies[0]) == request
    assert server.requests[0].headers["idempotency-key"]


def test_an_evaluation_is_requested_with_a_key_and_polled(
    server: ScriptedServer, client: Client
) -> None:
    queued, done = an_evaluation(JobState.QUEUED), an_evaluation()
    server.script("/v1/evaluations", queued.model_dump_json())
    assert client.evaluate(JOB_ID, deadline_seconds=60) == queued
    sent = EvaluationRequest.model_validate_json(server.bodies[0])
    assert sent == EvaluationRequest(job_id=JOB_ID, deadline_seconds=60)
    assert server.requests[0].headers["idempotency-key"]
    path = f"/v1/evaluations/{EVALUATION_ID}"
    server.script(path, queued.model_dump_json(), queued.model_dump_json(), done.model_dump_json())
    assert client.evaluation(EVALUATION_ID) == queued
    assert client.wait_for_evaluation(EVALUATION_ID) == done
    server.script("/v1/evaluations", page(done))
    assert list(client.evaluations()) == [done]


def test_an_engraving_is_requested_with_a_key_polled_and_fetched(
    server: ScriptedServer, client: Client
) -> None:
    queued, done = (
        Engraving(id=EVALUATION_ID, state=state, created_at=NOON)
        for state in (JobState.QUEUED, JobState.SUCCEEDED)
    )
    request = EngravingRequest(notes=[Note(0, 480, 60, 80)], title="A note")
    server.script("/v1/engravings", queued.model_dump_json())
    assert client.engrave(request) == queued
    assert EngravingRequest.model_validate_json(server.bodies[0]) == request
    assert server.requests[0].headers["idempotency-key"]
    path = f"/v1/engravings/{EVALUATION_ID}"
    server.script(path, queued.model_dump_json(), done.model_dump_json())
    assert client.wait_for_engraving(EVALUATION_ID) == done
    server.script(f"{path}.musicxml", "<score-partwise/>")
    assert client.musicxml(EVALUATION_ID) == b"<score-partwise/>"
    server.script(f"{path}/cancel", queued.model_dump_json())
    assert client.cancel_engraving(EVALUATION_ID) == queued


def test_a_training_is_fetched_paused_resumed_and_cancelled(
    server: ScriptedServer, client: Client
) -> None:
    server.script(TRAINING_PATH, a_training().model_dump_json())
    server.script(
        f"{TRAINING_PATH}/metrics", page(some_metrics(1), cursor="1"), page(some_metrics(2))
    )
    server.script("/v1/trainings", page(a_training()))
    server.script("/v1/datasets", page(a_dataset()))
    assert client.training(JOB_ID) == a_training()
    assert [metrics.step for metrics in client.training_metrics(JOB_ID)] == [1, 2]
    assert list(client.trainings()) == [a_training()]
    assert list(client.datasets()) == [a_dataset()]
    for action, call in (
        ("pause", client.pause),
        ("resume", client.resume),
        ("cancel", client.cancel_training),
    ):
        server.script(f"{TRAINING_PATH}/{action}", a_training(JobState.PAUSED).model_dump_json())
        assert call(JOB_ID).state is JobState.PAUSED


def test_a_version_is_demoted(server: ScriptedServer, client: Client) -> None:
    demoted = a_model("my-tunes")
    server.script("/v1/models/my-tunes/demote", demoted.model_dump_json())
    assert client.demote("my-tunes") == demoted
    assert server.requests[-1].method == "POST"
