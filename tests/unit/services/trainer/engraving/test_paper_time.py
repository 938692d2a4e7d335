"""Notes are rounded to the beats of their measures."""

import pytest

from ostinato.schemas.notes import Bar, Note
from services.trainer.engraving.paper_time import (
    PaperTime,
    bars_of_four_quarters,
    measures_of,
)

BARS = [Bar(0, 1920, 4, 4), Bar(1920, 1920, 4, 4)]


def rounded(notes: list[Note], bars: list[Bar] = BARS) -> list[tuple[int, int]]:
    paper_notes = PaperTime(measures_of(bars), notes).round_notes(notes)
    return [(paper_note.start, paper_note.end) for paper_note in paper_notes]


def lasting(*spans: tuple[int, int]) -> list[Note]:
    return [Note(start, end - start, 60 + index, 80) for index, (start, end) in enumerate(spans)]


@pytest.mark.parametrize(
    ("span", "on_paper"),
    [
        ((0, 480), (0, 480)),
        ((29, 480), (0, 480)),
        ((30, 480), (60, 480)),
        ((0, 425), (0, 480)),
        ((0, 230), (0, 240)),
        ((0, 70), (0, 60)),
        ((0, 1), (0, 60)),
        ((160, 320), (160, 320)),
        ((155, 310), (160, 320)),
        ((1900, 1960), (1920, 1980)),
        ((3839, 3900), (3780, 3840)),
        ((3660, 3900), (3660, 3840)),
    ],
)
def test_a_note_is_rounded(span: tuple[int, int], on_paper: tuple[int, int]) -> None:
    assert rounded(lasting(span)) == [on_paper]


def test_a_note_ends_at_a_thirty_second_if_the_next_one_begins_there() -> None:
    assert rounded(lasting((0, 420), (420, 480))) == [(0, 420), (420, 480)]


def test_each_beat_is_divided_by_its_notes() -> None:
    spans = [(0, 160), (160, 320), (320, 480), (480, 600), (600, 720)]
    assert rounded(lasting(*spans)) == spans


def test_triplets_after_a_bar_of_an_odd_number_of_eighths_are_triplets() -> None:
    bars = [Bar(0, 1680, 7, 8), Bar(1680, 1920, 4, 4)]
    spans = [(1680 + start, 1840 + start) for start in (0, 160, 320)]
    assert rounded(lasting(*spans), bars) == spans


def test_the_beats_of_a_pickup_are_those_at_the_end_of_a_measure() -> None:
    bars = [Bar(0, 720, 4, 4), Bar(720, 1920, 4, 4)]
    spans = [(0, 240), (240, 400), (400, 560), (560, 720)]
    assert rounded(lasting(*spans), bars) == spans


def test_notes_at_the_same_time_are_a_chord_and_equal_ones_are_one() -> None:
    notes = [Note(0, 480, 64, 70), Note(3, 478, 60, 80), Note(0, 480, 64, 90)]
    [chord] = PaperTime(measures_of(BARS), notes).round_notes(notes)
    assert (chord.pitches, chord.velocity) == ((60, 64), 90)


def test_a_note_ends_where_the_next_one_of_its_pitch_begins() -> None:
    notes = [Note(0, 1920, 60, 80), Note(480, 240, 60, 80), Note(480, 960, 60, 80)]
    assert rounded(notes) == [(0, 480), (480, 1440)]


@pytest.mark.parametrize(
    ("note", "count"),
    [
        (Note(0, 1980, 60, 80), 1),
        (Note(0, 1981, 60, 80), 2),
        (Note(1920, 1, 60, 80), 2),
    ],
)
def test_a_late_release_begins_no_bar_of_four_quarters(note: Note, count: int) -> None:
    assert len(bars_of_four_quarters([note])) == count


@pytest.mark.parametrize(
    ("bars", "numbers", "missing", "metre"),
    [
        (BARS, [1, 2], 0, (4, 4)),
        ([Bar(0, 480, 1, 4), Bar(480, 1920, 4, 4)], [0, 1], 1440, (4, 4)),
        ([Bar(0, 480, 4, 4), Bar(480, 1440, 3, 4)], [0, 1], 960, (3, 4)),
        ([Bar(0, 1440, 4, 4), Bar(1440, 960, 2, 4)], [0, 1], 480, (4, 4)),
        ([Bar(0, 1920, 4, 4), Bar(1920, 960, 2, 4)], [1, 2], 0, (4, 4)),
        ([Bar(0, 480, 4, 4)], [1], 0, (4, 4)),
    ],
)
def test_a_first_bar_that_is_shorter_than_the_second_is_a_pickup(
    bars: list[Bar], numbers: list[int], missing: int, metre: tuple[int, int]
) -> None:
    measures = measures_of(bars)
    assert [measure.number for measure in measures] == numbers
    first = measures[0]
    assert (first.missing, (first.numerator, first.denominator)) == (missing, metre)
