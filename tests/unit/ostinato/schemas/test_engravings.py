"""Bounds of an engraving: its length, tracks, bars, tempos, notes and their durations."""

import math

import pytest
from pydantic import ValidationError

from ostinato.schemas.engravings import (
    MAX_BARS,
    MAX_NOTES,
    MAX_TEMPOS,
    MAX_TRACKS,
    EngravingRequest,
)
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import TICKS_PER_BAR, Bar, Note, TempoMark

LAST_BAR = (MAX_BARS - 1) * TICKS_PER_BAR


def test_the_last_bar_may_be_filled() -> None:
    longest = Note(LAST_BAR, TICKS_PER_BAR, 60, 80)
    assert EngravingRequest(notes=[longest]).notes == [longest]


@pytest.mark.parametrize(
    ("note", "bar"),
    [
        (Note(LAST_BAR, TICKS_PER_BAR + 1, 60, 80), "513"),
        (Note(3999 * TICKS_PER_BAR, 480, 60, 80), "4,000"),
        (Note(0, 10**30, 60, 80), "520,833,333,333,333,333,333,333,334"),
    ],
)
def test_a_note_that_ends_later_is_rejected(note: Note, bar: str) -> None:
    with pytest.raises(ValidationError, match=f"note 1 ends in bar {bar}, .* at most 512 bars"):
        EngravingRequest(notes=[Note(0, 480, 60, 80), note])


def test_long_notes_count_once_for_each_bar_in_which_they_sound() -> None:
    over_a_bar_line = [Note(TICKS_PER_BAR - 1, 2, 60, 80)] * (MAX_NOTES // 2)
    assert EngravingRequest(notes=over_a_bar_line).notes == over_a_bar_line
    over_two_bar_lines = Note(TICKS_PER_BAR - 1, TICKS_PER_BAR + 2, 60, 80)
    with pytest.raises(ValidationError, match=r"these are 5,001 notes, .* at most 5,000"):
        EngravingRequest(notes=[over_two_bar_lines, *over_a_bar_line[1:]])


def test_too_many_notes_are_rejected() -> None:
    with pytest.raises(ValidationError, match=f"at most {MAX_NOTES} items"):
        EngravingRequest(notes=[Note(0, 480, 60, 80)] * (MAX_NOTES + 1))


def test_only_the_first_invalid_note_is_reported() -> None:
    with pytest.raises(ValidationError) as raised:
        EngravingRequest.model_validate({"notes": [[0, 480, 60, 80], *[[-1, 0, -1, 0]] * 300_000]})
    assert {error["loc"][:2] for error in raised.value.errors()} == {("notes", 1)}


def track(notes: list[Note], name: str = "", program: int = 0) -> MelodyTrack:
    return MelodyTrack(name=name, program=program, is_drum=False, notes=notes)


def error_of(**fields: object) -> tuple[str, str]:
    """The field and the message of the only error of a request."""
    with pytest.raises(ValidationError) as raised:
        EngravingRequest.model_validate(fields)
    [error] = raised.value.errors()
    return ".".join(map(str, error["loc"])), error["msg"].removeprefix("Value error, ")


NOTE = Note(0, 480, 60, 80)
FOUR_QUARTERS = Bar(0, 1920, 4, 4)


@pytest.mark.parametrize("fields", [{}, {"notes": [NOTE], "tracks": [track([NOTE])]}])
def test_a_request_has_either_notes_or_tracks(fields: dict[str, object]) -> None:
    assert error_of(**fields) == ("", "notes: pass either notes or tracks")


def test_a_request_without_tracks_has_the_json_that_it_had_before() -> None:
    request = EngravingRequest(notes=[NOTE], title="A tune", tempo=90, instrument=40)
    assert request.model_dump_json() == (
        '{"notes":[[0,480,60,80]],"title":"A tune","tempo":90,"instrument":40,'
        '"deadline_seconds":null}'
    )
    by_default = EngravingRequest(notes=[NOTE])
    assert by_default.model_dump_json() == (
        '{"notes":[[0,480,60,80]],"title":"","tempo":120,"instrument":0,"deadline_seconds":null}'
    )


def test_a_whole_melody_is_the_same_after_its_json() -> None:
    request = EngravingRequest(
        tracks=[track([NOTE], name="Lead", program=56)],
        bar_positions=[Bar(0, 480, 1, 4), Bar(480, 1440, 3, 4)],
        tempos=[TempoMark(0, 90.5), TempoMark(960, 1000)],
        tempo=96.5,
    )
    assert EngravingRequest.model_validate_json(request.model_dump_json()) == request


@pytest.mark.parametrize(
    ("bars", "message"),
    [
        ([Bar(1, 1920, 4, 4)], "bar 0 must begin at 0, where the one before it ends"),
        (
            [FOUR_QUARTERS, Bar(1921, 1920, 4, 4)],
            "bar 1 must begin at 1920, where the one before it ends",
        ),
        (
            [FOUR_QUARTERS, Bar(1440, 1920, 4, 4)],
            "bar 1 must begin at 1920, where the one before it ends",
        ),
        ([Bar(0, 1441, 3, 4)], "bar 0 is longer than the 1440 ticks of its time signature"),
        ([Bar(0, 480, 65, 4)], "the time signature of bar 0 must be 1 to 64 beats"),
        ([Bar(0, 480, 4, 3)], "the time signature of bar 0 must be 1 to 64 beats"),
        ([Bar(0, 480, 4, 64)], "the time signature of bar 0 must be 1 to 64 beats"),
        ([Bar(0, 480, 4, 10**30)], "the time signature of bar 0 must be 1 to 64 beats"),
    ],
)
def test_bars_follow_each_other_in_sane_metres(bars: list[Bar], message: str) -> None:
    field, found = error_of(notes=[NOTE], bar_positions=bars)
    assert (field, found[: len(message)]) == ("bar_positions", message)


@pytest.mark.parametrize("metre", [(64, 1), (64, 32), (1, 32), (7, 8)])
def test_every_metre_up_to_the_bounds_is_valid(metre: tuple[int, int]) -> None:
    length = 1920 * metre[0] // metre[1]
    bar = Bar(0, length, *metre)
    notes = [Note(0, length, 60, 80)]
    assert EngravingRequest(notes=notes, bar_positions=[bar]).bar_positions == [bar]


def test_there_are_at_most_512_bars() -> None:
    bars = [Bar(index * 480, 480, 1, 4) for index in range(MAX_BARS + 1)]
    assert EngravingRequest(notes=[NOTE], bar_positions=bars[:-1]).bar_positions == bars[:-1]
    field, message = error_of(notes=[NOTE], bar_positions=bars)
    assert (field, "at most 512 items" in message) == ("bar_positions", True)


@pytest.mark.parametrize(
    ("note", "is_valid"),
    [
        (Note(1919, 61, 60, 80), True),
        (Note(1919, 62, 60, 80), False),
        (Note(1920, 1, 60, 80), False),
        (Note(10**30, 1, 60, 80), False),
    ],
)
def test_a_note_ends_at_most_a_thirty_second_after_the_bars(note: Note, is_valid: bool) -> None:  # noqa: FBT001
    if is_valid:
        assert EngravingRequest(notes=[note], bar_positions=[FOUR_QUARTERS]).notes == [note]
        return
    assert error_of(notes=[NOTE, note], bar_positions=[FOUR_QUARTERS]) == (
        "notes",
        "note 1 is not within the bars, which end at 1920",
    )
    assert error_of(tracks=[track([]), track([note])], bar_positions=[FOUR_QUARTERS]) == (
        "tracks",
        "note 0 of track 1 is not within the bars, which end at 1920",
    )


def test_notes_of_all_tracks_count_once_for_each_bar_in_which_they_sound() -> None:
    bars = [Bar(0, 480, 1, 4), Bar(480, 1440, 3, 4)]
    over_the_bar_line = [Note(479, 2, 60, 80)] * (MAX_NOTES // 4)
    tracks = [track(over_the_bar_line), track(over_the_bar_line)]
    assert EngravingRequest(tracks=tracks, bar_positions=bars).tracks == tracks
    one_more = [*tracks, track([NOTE])]
    field, message = error_of(tracks=one_more, bar_positions=bars)
    assert (field, "these are 5,001 notes" in message) == ("tracks", True)


def test_the_number_of_tracks_and_of_their_bars_is_bounded() -> None:
    tracks = [track([Note(127 * TICKS_PER_BAR, 480, 60, 80)])] * MAX_TRACKS
    assert EngravingRequest(tracks=tracks).tracks == tracks
    field, message = error_of(tracks=[*tracks, tracks[0]])
    assert (field, "at most 64 items" in message) == ("tracks", True)
    longer = [*tracks[1:], track([Note(128 * TICKS_PER_BAR, 480, 60, 80)])]
    assert error_of(tracks=longer) == (
        "tracks",
        "64 tracks of 129 bars have more than 8,192 bars; engrave fewer tracks, or engrave them "
        "in parts",
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (track([]), "they have no notes"),
        (track([NOTE], program=128), "the program of track 0 is not from 0 to 127"),
        (track([NOTE], program=-1), "the program of track 0 is not from 0 to 127"),
        (track([NOTE], name="x" * 201), "the name of track 0 has more than 200 characters"),
    ],
)
def test_tracks_can_be_played(wrong: MelodyTrack, message: str) -> None:
    assert error_of(tracks=[wrong]) == ("tracks", message)


@pytest.mark.parametrize(
    ("tempos", "message"),
    [
        ([TempoMark(1, 120)], "the first tempo must be at 0"),
        (
            [TempoMark(0, 120), TempoMark(0, 90)],
            "each tempo must begin after the one before it",
        ),
        ([TempoMark(0, 0.9)], "a tempo must be 1 to 1,000 quarter notes per minute"),
        ([TempoMark(0, 1000.1)], "a tempo must be 1 to 1,000 quarter notes per minute"),
        ([TempoMark(0, math.inf)], "a tempo must be 1 to 1,000 quarter notes per minute"),
    ],
)
def test_tempos_ascend_from_0(tempos: list[TempoMark], message: str) -> None:
    assert error_of(notes=[NOTE], tempos=tempos) == ("tempos", message)


def test_there_are_at_most_10_000_tempos() -> None:
    tempos = [TempoMark(index, 120) for index in range(MAX_TEMPOS + 1)]
    field, message = error_of(notes=[NOTE], tempos=tempos)
    assert (field, "at most 10000 items" in message) == ("tempos", True)


def test_only_the_first_invalid_note_of_a_track_is_reported() -> None:
    invalid = {**track([NOTE]).model_dump(), "notes": [[-1, 480, 60, 80]] * 300_000}
    with pytest.raises(ValidationError) as raised:
        EngravingRequest.model_validate({"tracks": [invalid]})
    assert [error["loc"][:4] for error in raised.value.errors()] == [("tracks", 0, "notes", 0)]
