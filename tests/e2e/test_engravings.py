"""Submitted notes become sheet music, which only their owner can get."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from music21 import converter

from deploy.local.stack import Stack
from ostinato import ApiError, Client, EngravingRequest
from ostinato.schemas.engravings import MAX_BARS
from ostinato.schemas.events import JobEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import TICKS_PER_BAR, Bar, Note, TempoMark
from tests.conftest import client_of
from tests.support.http_api import create_api_key, http_client
from tests.support.music.musicxml import sounding_parts, written_measures
from tests.support.processes import child_pids

NOTES = [Note(0, 480, 60, 80), Note(480, 480, 64, 80), Note(960, 960, 67, 80)]
REQUEST = EngravingRequest(notes=NOTES, title="Three notes", tempo=90, instrument=40)


@pytest.fixture(scope="module")
def client(training_stack: Stack) -> Iterator[Client]:
    with client_of(training_stack) as client:
        yield client


def test_notes_become_musicxml_that_music21_can_read(training_stack: Stack, client: Client) -> None:
    engraving = client.wait_for_engraving(client.engrave(REQUEST).id)
    assert (engraving.state, engraving.error) == (JobState.SUCCEEDED, None)
    score = converter.parseData(client.musicxml(engraving.id), format="musicxml")
    assert [pitch.midi for pitch in score.pitches] == [60, 64, 67]
    with http_client(training_stack) as http:
        response = http.get(f"/v1/engravings/{engraving.id}.musicxml")
        assert response.headers["content-type"] == "application/vnd.recordare.musicxml+xml"
        assert f'filename="{engraving.id}.musicxml"' in response.headers["content-disposition"]


def test_a_whole_melody_becomes_a_part_for_each_track(client: Client) -> None:
    drums = [Note(0, 480, 36, 80), Note(480, 480, 38, 80)]
    request = EngravingRequest(
        tracks=[
            MelodyTrack(name="Lead", program=40, is_drum=False, notes=NOTES),
            MelodyTrack(name="Kit", program=0, is_drum=True, notes=drums),
        ],
        bar_positions=[Bar(0, 480, 3, 4), Bar(480, 1440, 3, 4)],
        tempos=[TempoMark(0, 123.5), TempoMark(480, 90)],
    )
    engraving = client.wait_for_engraving(client.engrave(request).id)
    assert (engraving.state, engraving.error) == (JobState.SUCCEEDED, None)
    document = client.musicxml(engraving.id)
    lead, kit = sounding_parts(document)
    assert {pitch for _, _, pitch in lead} == {60, 64, 67}
    assert {pitch for _, _, pitch in kit} == {36, 38}
    assert [(measure.number, measure.length) for measure in written_measures(document)[0]] == [
        ("0", Fraction(1)),
        ("1", Fraction(3)),
    ]


def test_the_same_idempotency_key_returns_the_same_engraving(client: Client) -> None:
    first = client.engrave(REQUEST, idempotency_key="engrave-once")
    assert client.engrave(REQUEST, idempotency_key="engrave-once").id == first.id


def test_an_engraving_of_another_owner_is_404(training_stack: Stack, client: Client) -> None:
    engraving = client.engrave(REQUEST)
    with http_client(training_stack, create_api_key(training_stack, "other")) as other_owner:
        for path in (engraving.id, f"{engraving.id}.musicxml"):
            response = other_owner.get(f"/v1/engravings/{path}")
            assert (response.status_code, response.json()["code"]) == (404, "engraving_not_found")


def test_the_sheet_music_of_an_unfinished_engraving_is_409(
    training_stack: Stack, client: Client
) -> None:
    training_stack.stop("trainer")
    engraving = client.engrave(REQUEST)
    with pytest.raises(ApiError, match="the engraving is queued; try again later") as error:
        client.musicxml(engraving.id)
    assert error.value.status == 409
    training_stack.restart("trainer")
    assert client.wait_for_engraving(engraving.id).state is JobState.SUCCEEDED
    assert client.musicxml(engraving.id).startswith(b"<?xml")


def test_a_cancelled_engraving_has_no_sheet_music(training_stack: Stack, client: Client) -> None:
    training_stack.stop("trainer")
    engraving = client.engrave(REQUEST)
    assert client.cancel_engraving(engraving.id).state is JobState.CANCELLED
    with pytest.raises(ApiError, match="the engraving is cancelled; submit it again") as error:
        client.musicxml(engraving.id)
    assert error.value.status == 409
    training_stack.restart("trainer")
    assert client.wait_for_engraving(client.engrave(REQUEST).id).state is JobState.SUCCEEDED


def test_a_running_engraving_is_cancelled(client: Client) -> None:
    notes = [Note(index * TICKS_PER_BAR, 480, 60, 80) for index in range(MAX_BARS)]
    engraving = client.engrave(EngravingRequest(notes=notes))
    for event in client.events(engraving.id):
        if isinstance(event, JobEvent) and event.state is JobState.RUNNING:
            assert client.cancel_engraving(engraving.id).state is JobState.CANCELLING
    assert client.wait_for_engraving(engraving.id).state is JobState.CANCELLED
    assert child_pids(engraving.id, "services.trainer.programs.engrave_score") == []


def test_a_request_without_notes_is_422(training_stack: Stack) -> None:
    with http_client(training_stack) as http:
        response = http.post("/v1/engravings", json={"notes": []})
        assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
