"""Scores become notes on bars of four quarters, or are refused with the reason."""

import numpy as np
import pytest
from music21 import converter, stream

from services.trainer.data.parsed_file import Reason, Unusable
from services.trainer.data.score import read_notes, seconds_of

ABC = "X:1\nM:{metre}\nL:1/8\nK:C\n{tune}\n"


def score_of(tune: str, metre: str = "4/4") -> stream.Score:
    parsed = converter.parseData(ABC.format(metre=metre, tune=tune), format="abc")
    assert isinstance(parsed, stream.Score)
    return parsed


EIGHTHS = "CDEFGABc|" * 4


def reason_of(score: stream.Score) -> Reason:
    with pytest.raises(Unusable) as refused:
        read_notes(score)
    return refused.value.reason


def test_a_tune_without_a_pickup_starts_on_the_first_bar_line() -> None:
    notes = read_notes(score_of(EIGHTHS))
    assert notes[:, 0].tolist() == list(range(0, 32 * 240, 240))
    assert notes[:8, 2].tolist() == [60, 62, 64, 65, 67, 69, 71, 72]


def test_a_score_lasts_as_long_as_its_beats_at_120() -> None:
    assert seconds_of(read_notes(score_of(EIGHTHS))) == 16 / 2


def test_the_rest_before_a_pickup_is_no_music() -> None:
    assert seconds_of(read_notes(score_of("GA|" + EIGHTHS))) == 17 / 2


def test_a_pickup_ends_on_a_bar_line() -> None:
    notes = read_notes(score_of("GA|" + EIGHTHS))
    assert notes[0, 0] == 1920 - 480
    assert notes[2, 0] == 1920


def test_two_bars_of_two_four_make_one_and_start_a_pair() -> None:
    notes = read_notes(score_of("G|" + "CDEF|GABc|" * 4, metre="2/4"))
    assert notes[0, 0] == 1920 - 240
    assert notes[1, 0] == 1920


@pytest.mark.parametrize("metre", ["3/4", "6/8", "9/8"])
def test_other_metres_are_refused(metre: str) -> None:
    bar = "C" * {"3/4": 6, "6/8": 6, "9/8": 9}[metre] + "|"
    assert reason_of(score_of(bar * 8, metre=metre)) is Reason.METRE


def test_a_downbeat_that_shifts_in_mid_piece_is_refused() -> None:
    assert reason_of(score_of(EIGHTHS + "CDE|" + EIGHTHS)) is Reason.BARS


def test_a_short_piece_is_refused() -> None:
    assert reason_of(score_of("CDEFGABc|" * 2)) is Reason.SHORT


def test_what_no_piano_has_is_refused() -> None:
    assert reason_of(score_of(EIGHTHS + "C,,,,DEFGABc|")) is Reason.RANGE


def test_ties_are_joined_chords_are_spread_and_grace_notes_left_out() -> None:
    triads, dyads = "[CEG]" * 8 + "|", "{B}" + "[DF]" * 8 + "|"
    notes = read_notes(score_of("C8-|C8|" + triads + dyads))
    assert notes[0, :3].tolist() == [0, 8 * 480, 60]
    assert len(notes) == 1 + 24 + 16
    assert 71 not in notes[:, 2]


def test_parts_become_one_stream_in_time_order_without_doubled_notes() -> None:
    melody, bass = score_of(EIGHTHS), score_of("C,4E,4|" * 4)
    merged = stream.Score([*melody.parts, *score_of(EIGHTHS).parts, *bass.parts])
    for part in merged.parts:
        part.offset = 0
    notes = read_notes(merged)
    assert len(notes) == 32 + 8
    assert (np.diff(notes[:, 0]) >= 0).all()
    assert notes[:2, 2].tolist() == [48, 60]
