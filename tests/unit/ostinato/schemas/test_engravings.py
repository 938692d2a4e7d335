"""Bounds of an engraving: its length, its notes and their durations."""

import pytest
from pydantic import ValidationError

from ostinato.schemas.engravings import MAX_BARS, MAX_NOTES, EngravingRequest
from ostinato.schemas.notes import TICKS_PER_BAR, Note

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
