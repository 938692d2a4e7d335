"""Invalid data sets and trainings are rejected or fail with a code and advice."""

import io
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato import Client
from ostinato.schemas.datasets import Dataset
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from ostinato.schemas.trainings import NAMED_DATASETS, RECIPES
from shared.midi.writer import write_midi
from tests.conftest import client_of
from tests.support.http_api import create_api_key, http_client
from tests.support.midi import random_midi, read_case, zip_of, zip_of_random_midis

TRAININGS = "/v1/trainings"
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
MEGABYTE = 1_000_000
NO_HEADER = "The file does not begin with MThd"


@pytest.fixture(scope="module")
def client(training_stack: Stack) -> Iterator[Client]:
    with client_of(training_stack) as client:
        yield client


@pytest.fixture(scope="module")
def http(training_stack: Stack) -> Iterator[httpx.Client]:
    with http_client(training_stack) as http:
        yield http


@pytest.fixture(scope="module")
def music(client: Client) -> Dataset:
    return client.wait_for_dataset(client.upload_dataset("tunes", zip_of_random_midis()).id)


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that the response is this problem, and return its body."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["detail"]
    return body


def post(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post(TRAININGS, json={"recipe": "mini", "version": "never", **fields})


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"color": "red"}, "color", "not permitted"),
        ({"overrides": {"color": "red"}}, "overrides.color", "not permitted"),
        ({"overrides": {"steps": 0}}, "overrides.steps", "at least 1 and at most 1000000"),
        ({"overrides": {"minutes": 0.01}}, "overrides.minutes", "at least 0.1 and at most 10080"),
        ({"overrides": {"learning_rate": 0}}, "overrides.learning_rate", "more than 0"),
        ({"overrides": {"batch_size": 1000}}, "overrides.batch_size", "at least 1 and at most 512"),
        ({"overrides": {"patience": 0}}, "overrides.patience", "at least 1"),
        ({"overrides": {"seed": -1}}, "overrides.seed", "at least 0"),
        ({"overrides": {"minutes": 1, "steps": 1}}, "overrides", "one budget"),
        ({"version": "../escape"}, "version", "lower-case letters, digits"),
        ({"version": None}, "version", "valid string"),
    ],
)
def test_an_invalid_parameter_is_422_with_its_field_and_range(
    http: httpx.Client, fields: dict[str, object], field: str, words: str
) -> None:
    body = problem(post(http, **fields), 422, "invalid_request")
    assert body["field"] == field
    assert words in body["detail"]


def test_the_names_of_recipes_and_data_sets_are_listed(http: httpx.Client) -> None:
    options = http.get(f"{TRAININGS}/recipes").json()
    assert options == {"recipes": list(RECIPES), "datasets": list(NAMED_DATASETS)}


def test_unknown_names_are_404_with_the_available_ones(http: httpx.Client) -> None:
    body = problem(post(http, recipe="maxi"), 404, "recipe_not_found")
    assert body["recipes"] == ["mini", "v2", "v3", "v4", "v5", "v6", "v7-small", "v7", "v8"]
    body = problem(post(http, dataset="noise"), 404, "dataset_not_found")
    assert "music21" in body["datasets"]
    problem(post(http, dataset=UNKNOWN_ID), 404, "dataset_not_found")
    body = problem(post(http, base="v99"), 404, "model_not_found")
    assert "mini" in body["models"]
    body = problem(post(http, version="mini"), 409, "conflict")
    assert body["field"] == "version"


def test_trainings_and_data_sets_of_another_owner_are_404(
    training_stack: Stack, http: httpx.Client, music: Dataset
) -> None:
    training = post(http, dataset=str(music.id), version="mine").json()["id"]
    other_owner = {"Authorization": f"Bearer {create_api_key(training_stack, 'other')}"}
    path = f"{TRAININGS}/{training}"
    requests = [("GET", path), ("GET", f"{path}/metrics")]
    requests += [("POST", f"{path}/{action}") for action in ("pause", "resume", "cancel")]
    for method, url in requests:
        response = http.request(method, url, headers=other_owner)
        problem(response, 404, "training_not_found")
    response = http.get(f"/v1/datasets/{music.id}", headers=other_owner)
    problem(response, 404, "dataset_not_found")
    body = {"recipe": "mini", "version": "theirs", "dataset": str(music.id)}
    problem(http.post(TRAININGS, json=body, headers=other_owner), 404, "dataset_not_found")
    assert http.get(TRAININGS, headers=other_owner).json()["items"] == []
    problem(http.get(f"/v1/jobs/{training}/events", headers=other_owner), 404, "job_not_found")
    problem(http.get(f"/v1/jobs/{training}"), 404, "job_not_found")
    http.post(f"{path}/cancel")


def test_a_data_set_that_is_being_imported_is_409(client: Client, http: httpx.Client) -> None:
    dataset = client.upload_dataset("soon", zip_of_random_midis(25))
    body = problem(post(http, dataset=str(dataset.id)), 409, "conflict")
    assert "is being imported" in body["detail"]
    client.wait_for_dataset(dataset.id)


def test_more_trainings_than_the_quota_are_429(
    client: Client, http: httpx.Client, music: Dataset
) -> None:
    for earlier in client.trainings():
        list(client.events(earlier.id))
    responses = [post(http, version=f"many-{index}", dataset=str(music.id)) for index in range(21)]
    body = problem(responses[-1], 429, "too_many_requests")
    assert "cancel one" in body["detail"]
    for accepted in responses[:-1]:
        assert http.post(f"{TRAININGS}/{accepted.json()['id']}/cancel").status_code == 200


def bomb() -> bytes:
    """A small file with far more notes than any music has."""
    notes = [Note(start, 1, 60, 80) for start in range(120_000)]
    return write_midi(notes, tempo=120, instrument=0, bars=64)


def long_member() -> bytes:
    """200 MB that compress well, but below the ratio at which the gateway rejects a zip bomb."""
    block = random.Random(1).randbytes(1200) + bytes(198_800)  # noqa: S311 - no secret
    return b"MThd" + 1000 * block


def test_a_data_set_without_usable_pieces_is_rejected_with_the_reasons(
    client: Client, http: httpx.Client
) -> None:
    one = client.upload_dataset("one", zip_of({"only.mid": random_midi(1)}))
    broken = client.upload_dataset(
        "broken", zip_of({f"{length}.mid": b"MThd" + bytes(length) for length in range(3)})
    )
    harmful = client.upload_dataset(
        "harmful",
        zip_of({"long.mid": long_member(), "bomb.mid": bomb(), "short.mid": random_midi(2, 8)}),
    )
    error = client.wait_for_dataset(one.id).error
    assert error is not None
    assert error.code == "too_few_pieces"
    assert "add music" in error.detail
    error = client.wait_for_dataset(broken.id).error
    assert error is not None
    assert (error.code, "3 malformed" in error.detail) == ("no_usable_pieces", True)
    error = client.wait_for_dataset(harmful.id).error
    assert error is not None
    assert error.code == "no_usable_pieces"
    for reason in ("larger than 16 MiB", "more than 100,000 notes", "fewer than 32 notes"):
        assert f"1 {reason}" in error.detail
    body = problem(post(http, dataset=str(one.id)), 422, "invalid_request")
    assert "add music" in body["detail"]
    assert (
        client.wait_for_dataset(client.upload_dataset("good", zip_of_random_midis(26)).id).report
        is not None
    )


@pytest.mark.parametrize("name", ["mac.zip", "ps51.zip", "cp437.zip"])
def test_a_zip_of_any_system_is_used_whole(client: Client, name: str) -> None:
    dataset = client.wait_for_dataset(client.upload_dataset("any", io.BytesIO(read_case(name))).id)
    assert dataset.report is not None
    assert (dataset.report.used, dataset.report.skipped_files) == (25, ())


def test_every_file_that_is_not_used_is_listed_with_its_name_and_reason(client: Client) -> None:
    file = io.BytesIO(read_case("mixed.zip"))
    report = client.wait_for_dataset(client.upload_dataset("mixed", file).id).report
    assert report is not None
    assert (report.found, report.used) == (35, 25)
    assert {file.name: file.detail or file.reason for file in report.skipped_files} == {
        "bad/Löve Ballad.mid": f"{NO_HEADER}: it is a page or another document in XML.",
        "bad/score.mid": "The file has no notes.",
        "bad/unfinished.mid": "Track 2 is truncated: 289 bytes are missing.",
        "bad/zero.mid": "The file is empty.",
        "karaoke/a.kar": "duplicate of another piece",
        "karaoke/b.KAR": "duplicate of another piece",
        "scores/e.musicxml": f"{NO_HEADER}: it is a page or another document in XML.",
        "scores/f.mxl": f"{NO_HEADER}: it is not a MIDI file.",
        "text/d.abc": f"{NO_HEADER}: it is not a MIDI file.",
        "wrapped/c.rmi": f"{NO_HEADER}: it is a RIFF file without MIDI, such as a WAV file, "
        "which is audio.",
    }


@pytest.mark.parametrize(
    ("name", "found", "advice"),
    [
        ("drums.zip", "25 drums only", "add the files with the other instruments"),
        ("loops.zip", "60 fewer than 32 notes", "Join the loops"),
    ],
)
def test_a_set_that_cannot_be_used_says_what_can_be_done(
    client: Client, name: str, found: str, advice: str
) -> None:
    file = io.BytesIO(read_case(name))
    error = client.wait_for_dataset(client.upload_dataset("cannot", file).id).error
    assert error is not None
    assert found in error.detail
    assert advice in error.detail


def test_a_training_that_cannot_run_fails_with_the_reason(
    client: Client, http: httpx.Client, music: Dataset
) -> None:
    for fields, code, words in (
        ({"recipe": "v7", "base": "mini"}, "base_model_mismatch", "layers 4, not 8"),
        ({"dataset": "maestro"}, "dataset_not_found", "OSTINATO_DATASETS_DIR"),
    ):
        accepted = post(http, **{"dataset": str(music.id), **fields})
        assert accepted.status_code == 202, accepted.text
        list(client.events(accepted.json()["id"]))
        training = client.training(accepted.json()["id"])
        assert training.state is JobState.FAILED
        assert training.error is not None
        assert training.error.code == code
        assert words in training.error.detail
