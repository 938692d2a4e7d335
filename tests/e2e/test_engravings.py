"""Notes come back as sheet music, and only to whoever handed them in."""

from collections.abc import Iterator

import pytest
from music21 import converter

from deploy.local.stack import Stack
from ostinato import ApiError, Client, EngravingRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from tests.conftest import client_of
from tests.wire import new_key, raw_http

NOTES = [Note(0, 480, 60, 80), Note(480, 480, 64, 80), Note(960, 960, 67, 80)]
REQUEST = EngravingRequest(notes=NOTES, title="Three notes", tempo=90, instrument=40)


@pytest.fixture(scope="module")
def client(school: Stack) -> Iterator[Client]:
    with client_of(school) as client:
        yield client


def test_notes_become_a_document_that_music_programs_read(school: Stack, client: Client) -> None:
    engraving = client.engraved(client.engrave(REQUEST).id)
    assert (engraving.state, engraving.error) == (JobState.SUCCEEDED, None)
    score = converter.parseData(client.musicxml(engraving.id), format="musicxml")
    assert [pitch.midi for pitch in score.pitches] == [60, 64, 67]
    with raw_http(school) as http:
        answer = http.get(f"/v1/engravings/{engraving.id}.musicxml")
        assert answer.headers["content-type"] == "application/vnd.recordare.musicxml+xml"
        assert f'filename="{engraving.id}.musicxml"' in answer.headers["content-disposition"]


def test_the_same_key_is_the_same_engraving(client: Client) -> None:
    first = client.engrave(REQUEST, idempotency_key="engrave-once")
    assert client.engrave(REQUEST, idempotency_key="engrave-once").id == first.id


def test_it_is_nobody_elses(school: Stack, client: Client) -> None:
    engraving = client.engrave(REQUEST)
    with raw_http(school, new_key(school, "listener")) as stranger:
        for path in (engraving.id, f"{engraving.id}.musicxml"):
            answer = stranger.get(f"/v1/engravings/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "engraving_not_found")


def test_there_is_nothing_to_fetch_before_it_is_made(school: Stack, client: Client) -> None:
    school.stop("trainer")
    engraving = client.engrave(REQUEST)
    with pytest.raises(ApiError, match="the engraving is queued; ask again later") as refused:
        client.musicxml(engraving.id)
    assert refused.value.status == 409
    school.restart("trainer")
    assert client.engraved(engraving.id).state is JobState.SUCCEEDED
    assert client.musicxml(engraving.id).startswith(b"<?xml")


def test_silence_is_refused(school: Stack) -> None:
    with raw_http(school) as http:
        answer = http.post("/v1/engravings", json={"notes": []})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
