"""Shared passages are found in any key, but only in the same rhythm."""

from itertools import pairwise, takewhile

import numpy as np

from services.trainer.data.piece import Notes
from services.trainer.evaluation.memorization import TrainingOverlapIndex
from tests.unit.services.trainer.conftest import random_piece

PIECES = [random_piece(seed).notes for seed in range(5)]
INDEX = TrainingOverlapIndex(PIECES)


def brute_force(sample: Notes) -> int:
    """The longest overlap, by comparing every pair of positions."""

    def steps(notes: Notes) -> list[tuple[int, int]]:
        return [(int(y[2] - x[2]), int(y[0] - x[0])) for x, y in pairwise(notes)]

    sample_steps, longest = steps(sample), 0
    for piece_steps in map(steps, PIECES):
        for sample_start in range(len(sample_steps)):
            for piece_start in range(len(piece_steps)):
                pairs = zip(sample_steps[sample_start:], piece_steps[piece_start:], strict=False)
                length = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
                longest = max(longest, length)
    return longest + 1


def test_an_overlap_is_found_in_any_key_but_not_in_another_rhythm() -> None:
    copied = PIECES[3][10:31] + np.array([960, 0, 4, 0])
    slower = copied * np.array([2, 2, 1, 1])
    assert INDEX.longest_overlaps([copied, slower]) == [21, brute_force(slower)]


def test_overlaps_equal_those_of_a_brute_force_search() -> None:
    samples = [random_piece(seed).notes for seed in range(50, 60)]
    samples += [np.concatenate((PIECES[1][5:12], samples[0]))]
    assert INDEX.longest_overlaps(samples) == [brute_force(sample) for sample in samples]


def test_an_empty_index_has_no_overlap() -> None:
    assert TrainingOverlapIndex([]).longest_overlaps([PIECES[0], PIECES[0][:1]]) == [1, 1]
