"""Bad data sets and bad trainings get a typed outcome that says what to do; nothing goes down."""

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
from shared.tokenizers.midi_file import write_midi
from tests.conftest import client_of
from tests.tunes import tune, tunes, zipped
from tests.wire import new_key, raw_http

TRAININGS = "/v1/trainings"
NOBODYS = "01890000-0000-7000-8000-000000000000"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def client(school: Stack) -> Iterator[Client]:
    with client_of(school) as client:
        yield client


@pytest.fixture(scope="module")
def http(school: Stack) -> Iterator[httpx.Client]:
    with raw_http(school) as http:
        yield http


@pytest.fixture(scope="module")
def music(client: Client) -> Dataset:
    return client.read(client.upload("tunes", tunes()).id)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer must be."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["detail"]
    return body


def post(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post(TRAININGS, json={"recipe": "mini", "version": "never", **fields})


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"colour": "red"}, "colour", "not permitted"),
        ({"overrides": {"colour": "red"}}, "overrides.colour", "not permitted"),
        ({"overrides": {"steps": 0}}, "overrides.steps", "at least 1 and at most 1000000"),
        ({"overrides": {"minutes": 0.01}}, "overrides.minutes", "at least 0.1 and at most 10080"),
        ({"overrides": {"learning_rate": 0}}, "overrides.learning_rate", "more than 0"),
        ({"overrides": {"batch": 1000}}, "overrides.batch", "at least 1 and at most 512"),
        ({"overrides": {"patience": 0}}, "overrides.patience", "at least 1"),
        ({"overrides": {"seed": -1}}, "overrides.seed", "at least 0"),
        ({"overrides": {"minutes": 1, "steps": 1}}, "overrides", "one budget"),
        ({"version": "../escape"}, "version", "pattern"),
        ({"version": None}, "version", "valid string"),
    ],
)
def test_a_parameter_out_of_range_is_422_with_field_and_range(
    http: httpx.Client, fields: dict[str, object], field: str, words: str
) -> None:
    body = refused(post(http, **fields), 422, "invalid_request")
    assert body["field"] == field
    assert words in body["detail"]


def test_the_names_that_a_training_may_be_asked_for_by_are_told(http: httpx.Client) -> None:
    book = http.get(f"{TRAININGS}/recipes").json()
    assert book == {"recipes": list(RECIPES), "datasets": list(NAMED_DATASETS)}


def test_names_that_nobody_knows_are_404_with_those_that_there_are(http: httpx.Client) -> None:
    body = refused(post(http, recipe="maxi"), 404, "recipe_not_found")
    assert body["recipes"] == ["mini", "v2", "v3", "v4", "v5", "v6", "seedling", "v7", "v8"]
    body = refused(post(http, dataset="noise"), 404, "dataset_not_found")
    assert "music21" in body["datasets"]
    refused(post(http, dataset=NOBODYS), 404, "dataset_not_found")
    body = refused(post(http, base="v99"), 404, "model_not_found")
    assert "mini" in body["models"]
    body = refused(post(http, version="mini"), 409, "conflict")
    assert body["field"] == "version"


def test_what_is_somebody_elses_is_404(school: Stack, http: httpx.Client, music: Dataset) -> None:
    training = post(http, dataset=str(music.id), version="mine").json()["id"]
    stranger = {"Authorization": f"Bearer {new_key(school, 'stranger')}"}
    path = f"{TRAININGS}/{training}"
    asked = [("GET", path), ("GET", f"{path}/metrics")]
    asked += [("POST", f"{path}/{what}") for what in ("pause", "resume", "cancel")]
    for method, each in asked:
        answer = http.request(method, each, headers=stranger)
        refused(answer, 404, "training_not_found")
    answer = http.get(f"/v1/datasets/{music.id}", headers=stranger)
    refused(answer, 404, "dataset_not_found")
    body = {"recipe": "mini", "version": "theirs", "dataset": str(music.id)}
    refused(http.post(TRAININGS, json=body, headers=stranger), 404, "dataset_not_found")
    assert http.get(TRAININGS, headers=stranger).json()["items"] == []
    refused(http.get(f"/v1/jobs/{training}/events", headers=stranger), 404, "job_not_found")
    refused(http.get(f"/v1/jobs/{training}"), 404, "job_not_found")
    http.post(f"{path}/cancel")


def test_a_data_set_that_is_not_read_yet_is_409(client: Client, http: httpx.Client) -> None:
    dataset = client.upload("soon", tunes(25))
    body = refused(post(http, dataset=str(dataset.id)), 409, "conflict")
    assert "still being read" in body["detail"]
    client.read(dataset.id)


def test_more_trainings_than_one_may_wait_for_are_429(
    client: Client, http: httpx.Client, music: Dataset
) -> None:
    for earlier in client.trainings():
        list(client.events(earlier.id))
    mine = [post(http, version=f"many-{n}", dataset=str(music.id)) for n in range(21)]
    body = refused(mine[-1], 429, "too_many_requests")
    assert "cancel one" in body["detail"]
    for each in mine[:-1]:
        assert http.post(f"{TRAININGS}/{each.json()['id']}/cancel").status_code == 200


def bomb() -> bytes:
    """A file of more notes than anybody writes."""
    notes = [Note(start, 1, 60, 80) for start in range(120_000)]
    return write_midi(notes, tempo=120, instrument=0, bars=64)


def long_member() -> bytes:
    """200 MB that pack well, yet not so well that the gateway takes them for a bomb."""
    block = random.Random(1).randbytes(1200) + bytes(198_800)  # noqa: S311 - no secret
    return b"MThd" + 1000 * block


def test_music_that_cannot_be_trained_on_is_refused_and_says_why(
    client: Client, http: httpx.Client
) -> None:
    one = client.upload("one", zipped({"only.mid": tune(1)}))
    broken = client.upload("broken", zipped({f"{n}.mid": b"MThd" + bytes(n) for n in range(3)}))
    harm = client.upload(
        "harm", zipped({"long.mid": long_member(), "bomb.mid": bomb(), "short.mid": tune(2, 8)})
    )
    told = client.read(one.id).error
    assert told is not None
    assert told.code == "too_few_pieces"
    assert "add music" in told.detail
    told = client.read(broken.id).error
    assert told is not None
    assert (told.code, "3 does not parse" in told.detail) == ("nothing_to_learn", True)
    told = client.read(harm.id).error
    assert told is not None
    assert told.code == "nothing_to_learn"
    for reason in ("larger than 16 MiB", "more than 100,000 notes", "fewer than 32 notes"):
        assert f"1 {reason}" in told.detail
    body = refused(post(http, dataset=str(one.id)), 422, "invalid_request")
    assert "add music" in body["detail"]
    assert client.read(client.upload("good", tunes(26)).id).report is not None


def test_a_training_that_cannot_be_done_fails_and_says_why(
    client: Client, http: httpx.Client, music: Dataset
) -> None:
    for fields, code, words in (
        ({"recipe": "v7", "base": "mini"}, "base_does_not_fit", "layers 4, not 8"),
        ({"dataset": "maestro"}, "dataset_not_found", "OSTINATO_DATA"),
    ):
        accepted = post(http, **{"dataset": str(music.id), **fields})
        assert accepted.status_code == 202, accepted.text
        list(client.events(accepted.json()["id"]))
        done = client.training(accepted.json()["id"])
        assert done.state is JobState.FAILED
        assert done.error is not None
        assert done.error.code == code
        assert words in done.error.detail
