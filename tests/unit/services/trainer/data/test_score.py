"""Scores are converted to notes in bars of four quarters, or skipped with the reason."""

import numpy as np
import pytest
from music21 import converter, stream

from ostinato.schemas.notes import Metre
from services.trainer.data.parsed_file import SkipFile, SkipReason
from services.trainer.data.score import duration_seconds, extract_notes

ABC = "X:1\nM:{meter}\nL:1/8\nK:C\n{tune}\n"


def score_of(tune: str, meter: str = "4/4") -> stream.Score:
    parsed = converter.parseData(ABC.format(meter=meter, tune=tune), format="abc")
    assert isinstance(parsed, stream.Score)
    return parsed


EIGHTHS = "CDEFGABc|" * 4


def reason_of(score: stream.Score) -> SkipReason:
    with pytest.raises(SkipFile) as error:
        extract_notes(score)
    return error.value.skipped.reason


def test_a_tune_without_a_pickup_starts_at_the_first_bar_line() -> None:
    notes, _ = extract_notes(score_of(EIGHTHS))
    assert notes[:, 0].tolist() == list(range(0, 32 * 240, 240))
    assert notes[:8, 2].tolist() == [60, 62, 64, 65, 67, 69, 71, 72]


def test_the_duration_of_a_score_is_measured_at_120_quarters_per_minute() -> None:
    assert duration_seconds(extract_notes(score_of(EIGHTHS))[0]) == 16 / 2


def test_the_rest_before_a_pickup_does_not_count() -> None:
    assert duration_seconds(extract_notes(score_of("GA|" + EIGHTHS))[0]) == 17 / 2


def test_a_pickup_ends_at_a_bar_line() -> None:
    notes, _ = extract_notes(score_of("GA|" + EIGHTHS))
    assert notes[0, 0] == 1920 - 480
    assert notes[2, 0] == 1920


def test_two_bars_of_two_four_make_one_bar() -> None:
    notes, _ = extract_notes(score_of("G|" + "CDEF|GABc|" * 4, meter="2/4"))
    assert notes[0, 0] == 1920 - 240
    assert notes[1, 0] == 1920


@pytest.mark.parametrize("meter", ["3/4", "6/8", "9/8"])
def test_other_meters_are_skipped(meter: str) -> None:
    bar = "C" * {"3/4": 6, "6/8": 6, "9/8": 9}[meter] + "|"
    assert reason_of(score_of(bar * 8, meter=meter)) is SkipReason.METER


def test_a_score_whose_downbeat_shifts_is_skipped() -> None:
    assert reason_of(score_of(EIGHTHS + "CDE|" + EIGHTHS)) is SkipReason.IRREGULAR_BARS


def test_a_short_piece_is_skipped() -> None:
    assert reason_of(score_of("CDEFGABc|" * 2)) is SkipReason.TOO_SHORT


def test_a_score_outside_the_piano_range_is_skipped() -> None:
    assert reason_of(score_of(EIGHTHS + "C,,,,DEFGABc|")) is SkipReason.PITCH_RANGE


def test_ties_are_joined_chords_are_unpacked_and_grace_notes_dropped() -> None:
    triads, dyads = "[CEG]" * 8 + "|", "{B}" + "[DF]" * 8 + "|"
    notes, _ = extract_notes(score_of("C8-|C8|" + triads + dyads))
    assert notes[0, :3].tolist() == [0, 8 * 480, 60]
    assert len(notes) == 1 + 24 + 16
    assert 71 not in notes[:, 2]


def test_parts_are_merged_in_time_order_without_doubled_notes() -> None:
    melody, bass = score_of(EIGHTHS), score_of("C,4E,4|" * 4)
    merged = stream.Score([*melody.parts, *score_of(EIGHTHS).parts, *bass.parts])
    for part in merged.parts:
        part.offset = 0
    notes, _ = extract_notes(merged)
    assert len(notes) == 32 + 8
    assert (np.diff(notes[:, 0]) >= 0).all()
    assert notes[:2, 2].tolist() == [48, 60]


@pytest.mark.parametrize(
    ("meter", "bar"), [("3/4", "CDEFGA|"), ("6/8", "CDEFGA|"), ("2/4", "CDEF|")]
)
def test_a_tune_in_another_metre_keeps_its_bars(meter: str, bar: str) -> None:
    notes, metres = extract_notes(score_of("G|" + bar * 8, meter=meter), tuple(Metre))
    length = Metre(meter).bar_length
    assert metres == (Metre(meter),) * 9
    assert notes[:2, 0].tolist() == [length - 240, length]


def test_a_metre_that_is_not_asked_for_is_skipped() -> None:
    with pytest.raises(SkipFile) as error:
        extract_notes(score_of("CDEFGA|" * 8, meter="3/4"), (Metre.FOUR_FOUR, Metre.SIX_EIGHT))
    assert error.value.skipped.reason is SkipReason.METER
