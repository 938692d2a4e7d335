"""What is counted in a piece, on pieces where the answer is plain."""

import numpy as np
import pytest

from services.trainer.data.piece import Notes
from services.trainer.traits import (
    Memory,
    in_scale,
    notes_per_bar,
    pitch_class_entropy,
    repetition,
)
from tests.unit.services.trainer.conftest import random_piece


def melody(*pitches: int) -> Notes:
    return np.array([[at * 480, 480, pitch, 80] for at, pitch in enumerate(pitches)])


def test_entropy_is_that_of_pitch_classes() -> None:
    assert pitch_class_entropy(melody(60, 72, 48)) == 0
    assert pitch_class_entropy(melody(60, 61, 62, 75)) == pytest.approx(2)
    assert pitch_class_entropy(melody(*range(60, 72))) == pytest.approx(np.log2(12))


def test_a_scale_is_found_in_any_key() -> None:
    scale = [0, 2, 4, 5, 7, 9, 11, 12]
    assert in_scale(melody(*(66 + step for step in scale))) == 1
    assert in_scale(melody(*range(60, 72))) == pytest.approx(7 / 12)


def test_notes_are_counted_by_bars_begun() -> None:
    assert notes_per_bar(melody(*[60] * 8)) == 4
    assert notes_per_bar(melody(*[60] * 9)) == 3


def test_a_figure_that_returns_in_another_key_is_repetition() -> None:
    figure = [60, 64, 61, 65, 67, 60, 72]
    assert repetition(melody(*figure)) == 0
    assert repetition(melody(*figure, *(pitch + 5 for pitch in figure))) == pytest.approx(1 / 8)


def test_a_copy_is_found_in_any_key_but_not_in_another_rhythm() -> None:
    pieces = [random_piece(seed) for seed in range(5)]
    memory = Memory(pieces)
    copied = pieces[3].transposed(4).notes[10:31].copy()
    assert memory.longest_copy(copied) == 21
    slower = copied * np.array([2, 2, 1, 1])
    assert memory.longest_copy(slower) < 10
    assert memory.longest_copy(random_piece(77).notes) < 10
