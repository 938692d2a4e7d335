"""Musical features of pieces with known values."""

import numpy as np
import pytest

from services.trainer.data.piece import Notes
from services.trainer.evaluation.musical_features import (
    FEATURES,
    compare,
    distance,
    groove_consistency,
    notes_per_bar,
    pitch_class_entropy,
    polyphony,
    repetition,
    scale_consistency,
)
from tests.unit.services.trainer.conftest import random_piece


def melody(*pitches: int) -> Notes:
    return np.array([[i * 480, 480, pitch, 80] for i, pitch in enumerate(pitches)])


def test_the_entropy_is_that_of_the_pitch_classes() -> None:
    assert pitch_class_entropy(melody(60, 72, 48)) == 0
    assert pitch_class_entropy(melody(60, 61, 62, 75)) == pytest.approx(2)
    assert pitch_class_entropy(melody(*range(60, 72))) == pytest.approx(np.log2(12))


def test_a_scale_is_found_in_any_key() -> None:
    scale = [0, 2, 4, 5, 7, 9, 11, 12]
    assert scale_consistency(melody(*(66 + step for step in scale))) == 1
    assert scale_consistency(melody(*range(60, 72))) == pytest.approx(7 / 12)


def test_notes_are_divided_by_the_bars_up_to_the_last_onset() -> None:
    assert notes_per_bar(melody(*[60] * 8)) == 4
    assert notes_per_bar(melody(*[60] * 9)) == 3


def test_a_motif_that_recurs_in_another_key_is_a_repetition() -> None:
    motif = [60, 64, 61, 65, 67, 60, 72]
    assert repetition(melody(*motif)) == 0
    assert repetition(melody(*motif, *(pitch + 5 for pitch in motif))) == pytest.approx(1 / 8)


def test_groove_is_consistent_if_bars_have_the_same_onset_positions() -> None:
    assert groove_consistency(melody(*[60] * 16)) == 1
    off_beat = melody(*[60] * 8) + np.array([240, 0, 0, 0]) * (np.arange(8) >= 4)[:, None]
    assert groove_consistency(off_beat) == pytest.approx(1 - 8 / 32)


def test_polyphony_is_averaged_over_the_positions_with_notes() -> None:
    assert polyphony(melody(60, 62, 64)) == 1
    chord = np.array([[0, 480, 60, 80], [0, 240, 64, 80], [1920, 480, 60, 80]])
    assert polyphony(chord) == pytest.approx((4 * 2 + 4 + 8) / 16)


def test_the_distance_is_zero_for_equal_sides_and_grows_with_the_gap() -> None:
    pieces = [random_piece(seed).notes for seed in range(30)]
    same = compare(pieces, pieces)
    assert set(same) == set(FEATURES)
    assert all(row.distance == 0 for row in same.values())
    held_out = np.random.default_rng(0).normal(size=500)
    assert distance(held_out + 2, held_out) == pytest.approx(2 / held_out.std(), rel=0.01)
    assert distance(held_out + 1, held_out) == pytest.approx(1 / held_out.std(), rel=0.01)


def test_there_is_no_distance_to_a_constant_feature() -> None:
    constant, other = np.ones(5), np.array([1.0, 2.0, 1.0, 1.0, 1.0])
    assert distance(other, constant) is None
    assert distance(constant, constant) == 0
