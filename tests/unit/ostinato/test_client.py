"""What each method of the client asks, and what it makes of the answer."""

import io
from pathlib import Path
from uuid import UUID

import pytest

from ostinato import (
    ApiError,
    Client,
    EngravingRequest,
    GenerationRequest,
    Overrides,
    TrainingRequest,
    connect,
)
from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.engravings import Engraving
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.generations import Primer
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import (
    DATASET_ID,
    EVALUATION_ID,
    JOB_ID,
    MELODY_ID,
    NOON,
    a_dataset,
    a_job,
    a_melody,
    a_model,
    a_point,
    a_summary,
    a_training,
    an_evaluation,
    page,
    problem,
)

JOB_PATH = f"/v1/jobs/{JOB_ID}"
TRAINING_PATH = f"/v1/trainings/{JOB_ID}"
DATASET_PATH = f"/v1/datasets/{DATASET_ID}"


def test_generate_sends_the_request_under_a_fresh_key(peer: Peer, client: Client) -> None:
    peer.will_say("/v1/generations", a_job().model_dump_json())
    request = GenerationRequest(model="mini", count=3)
    assert client.generate(request) == a_job()
    client.generate(request)
    assert GenerationRequest.model_validate_json(peer.bodies[0]) == request
    first, second = (UUID(request.headers["idempotency-key"]) for request in peer.requests)
    assert first != second


def test_generate_keeps_the_callers_key(peer: Peer, client: Client) -> None:
    peer.will_say("/v1/generations", a_job().model_dump_json())
    client.generate(GenerationRequest(model="mini"), idempotency_key="mine")
    assert peer.requests[0].headers["idempotency-key"] == "mine"


def test_lists_follow_the_cursor_to_the_last_page(peer: Peer, client: Client) -> None:
    first, second = a_model("two"), a_model("one")
    peer.will_say("/v1/models", page(first, cursor="c=1&x"), page(second))
    assert list(client.models()) == [first, second]
    assert [request.query_params.get("cursor") for request in peer.requests] == [None, "c=1&x"]


def test_a_page_is_fetched_only_when_somebody_reads_on(peer: Peer, client: Client) -> None:
    peer.will_say("/v1/melodies", page(a_summary(), cursor="next"))
    next(client.melodies())
    assert len(peer.requests) == 1


def test_jobs_of_one_state_stay_so_over_all_pages(peer: Peer, client: Client) -> None:
    peer.will_say("/v1/jobs", page(a_job(), cursor="next"), page())
    assert list(client.jobs(JobState.RUNNING)) == [a_job()]
    assert [request.query_params["state"] for request in peer.requests] == ["running"] * 2


def test_melodies_of_a_job_are_asked_of_the_job(peer: Peer, client: Client) -> None:
    peer.will_say(f"{JOB_PATH}/melodies", page(a_summary()))
    assert list(client.melodies(JOB_ID)) == [a_summary()]


def test_a_melody_comes_with_its_notes_and_its_midi(peer: Peer, client: Client) -> None:
    peer.will_say(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    peer.will_say(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    assert client.melody(MELODY_ID) == a_melody()
    assert client.midi(MELODY_ID) == b"MThd"


def test_a_primer_is_posted_as_midi(peer: Peer, client: Client) -> None:
    primer = Primer(id=JOB_ID, sha256="cd" * 32, notes=8, bars=2)
    peer.will_say("/v1/primers", primer.model_dump_json())
    assert client.primer(b"MThd...") == primer
    assert peer.requests[0].headers["content-type"] == "audio/midi"
    assert peer.bodies == [b"MThd..."]


def test_cancel_answers_with_the_job(peer: Peer, client: Client) -> None:
    peer.will_say(f"{JOB_PATH}/cancel", a_job(JobState.CANCELLING).model_dump_json())
    assert client.cancel(JOB_ID).state is JobState.CANCELLING
    assert peer.requests[0].method == "POST"


def test_wait_asks_until_the_job_has_ended(peer: Peer, client: Client) -> None:
    done = a_job(JobState.SUCCEEDED, succeeded=1)
    peer.will_say(JOB_PATH, a_job().model_dump_json(), done.model_dump_json())
    assert client.wait(JOB_ID) == done


def test_wait_gives_the_job_as_it_is_when_the_time_is_over(peer: Peer, client: Client) -> None:
    slow = a_job(JobState.CANCELLING)
    peer.will_say(f"/v1/jobs/{JOB_ID}", slow.model_dump_json())
    assert client.wait(JOB_ID, seconds=0.1) == slow


def test_wait_outlasts_a_gateway_that_is_away_for_a_while(
    peer: Peer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.transport.REPEAT_SECONDS", 0.0)
    done = a_job(JobState.SUCCEEDED, succeeded=1)
    peer.will_say(JOB_PATH, problem(502, "bad_gateway", "Restarting."), done.model_dump_json())
    assert client.wait(JOB_ID) == done


def test_wait_does_not_wait_for_a_job_that_is_not_there(peer: Peer, client: Client) -> None:
    peer.will_say(JOB_PATH, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        client.wait(JOB_ID)


def test_connect_finds_the_local_stack_by_its_files(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "url").write_text(f"{peer.url}\n")
    (tmp_path / "var" / "api_key").write_text("left-by-make-up\n")
    peer.will_say(JOB_PATH, a_job().model_dump_json())
    with connect() as client:
        client.job(JOB_ID)
    assert peer.requests[0].headers["authorization"] == "Bearer left-by-make-up"


def test_a_zip_is_sent_under_its_name(peer: Peer, client: Client) -> None:
    peer.will_say("/v1/datasets", a_dataset(DatasetState.READING).model_dump_json())
    assert client.upload("tunes", io.BytesIO(b"PK zip")).state is DatasetState.READING
    assert peer.bodies == [b"PK zip"]
    assert peer.requests[0].query_params["name"] == "tunes"
    assert peer.requests[0].headers["content-type"] == "application/zip"


def test_read_asks_until_the_data_set_is_ready_or_refused(peer: Peer, client: Client) -> None:
    reading, read = a_dataset(DatasetState.READING), a_dataset(DatasetState.REFUSED)
    peer.will_say(DATASET_PATH, reading.model_dump_json(), read.model_dump_json())
    assert client.read(DATASET_ID) == read
    peer.will_say(DATASET_PATH, reading.model_dump_json())
    assert client.read(DATASET_ID, seconds=0) == reading


def test_train_sends_the_request_under_a_key(peer: Peer, client: Client) -> None:
    peer.will_say("/v1/trainings", a_training(JobState.QUEUED).model_dump_json())
    request = TrainingRequest(recipe="mini", version="mine", overrides=Overrides(steps=8))
    assert client.train(request).state is JobState.QUEUED
    assert TrainingRequest.model_validate_json(peer.bodies[0]) == request
    assert peer.requests[0].headers["idempotency-key"]


def test_an_evaluation_is_asked_for_under_a_key_and_waited_for(peer: Peer, client: Client) -> None:
    queued, done = an_evaluation(JobState.QUEUED), an_evaluation()
    peer.will_say("/v1/evaluations", queued.model_dump_json())
    assert client.evaluate(JOB_ID) == queued
    assert EvaluationRequest.model_validate_json(peer.bodies[0]).job_id == JOB_ID
    assert peer.requests[0].headers["idempotency-key"]
    path = f"/v1/evaluations/{EVALUATION_ID}"
    peer.will_say(path, queued.model_dump_json(), queued.model_dump_json(), done.model_dump_json())
    assert client.evaluation(EVALUATION_ID) == queued
    assert client.evaluated(EVALUATION_ID) == done
    peer.will_say("/v1/evaluations", page(done))
    assert list(client.evaluations()) == [done]


def test_notes_are_sent_to_be_engraved_waited_for_and_fetched(peer: Peer, client: Client) -> None:
    queued, done = (
        Engraving(id=EVALUATION_ID, state=state, created_at=NOON)
        for state in (JobState.QUEUED, JobState.SUCCEEDED)
    )
    request = EngravingRequest(notes=[Note(0, 480, 60, 80)], title="A note")
    peer.will_say("/v1/engravings", queued.model_dump_json())
    assert client.engrave(request) == queued
    assert EngravingRequest.model_validate_json(peer.bodies[0]) == request
    assert peer.requests[0].headers["idempotency-key"]
    path = f"/v1/engravings/{EVALUATION_ID}"
    peer.will_say(path, queued.model_dump_json(), done.model_dump_json())
    assert client.engraved(EVALUATION_ID) == done
    peer.will_say(f"{path}.musicxml", "<score-partwise/>")
    assert client.musicxml(EVALUATION_ID) == b"<score-partwise/>"


def test_a_training_is_looked_at_and_told_what_to_do(peer: Peer, client: Client) -> None:
    peer.will_say(TRAINING_PATH, a_training().model_dump_json())
    peer.will_say(f"{TRAINING_PATH}/metrics", page(a_point(1), cursor="1"), page(a_point(2)))
    peer.will_say("/v1/trainings", page(a_training()))
    peer.will_say("/v1/datasets", page(a_dataset()))
    assert client.training(JOB_ID) == a_training()
    assert [point.step for point in client.metrics(JOB_ID)] == [1, 2]
    assert list(client.trainings()) == [a_training()]
    assert list(client.datasets()) == [a_dataset()]
    for what, tell in (
        ("pause", client.pause),
        ("resume", client.resume),
        ("cancel", client.cancel_training),
    ):
        peer.will_say(f"{TRAINING_PATH}/{what}", a_training(JobState.PAUSED).model_dump_json())
        assert tell(JOB_ID).state is JobState.PAUSED
