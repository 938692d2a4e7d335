"""Copies are found in any key, and only in the same rhythm."""

from itertools import pairwise

import numpy as np

from services.trainer.data.piece import Notes
from services.trainer.evaluation.memorization import Memory
from tests.unit.services.trainer.conftest import random_piece

PIECES = [random_piece(seed).notes for seed in range(5)]
MEMORY = Memory(PIECES)


def naive(sample: Notes) -> int:
    """The same by looking everywhere."""

    def steps(notes: Notes) -> list[tuple[int, int]]:
        return [(int(b[2] - a[2]), int(b[0] - a[0])) for a, b in pairwise(notes)]

    ours, longest = steps(sample), 0
    for theirs in map(steps, PIECES):
        for one in range(len(ours)):
            for other in range(len(theirs)):
                length = 0
                while ours[one + length : one + length + 1] == theirs[
                    other + length : other + length + 1
                ] and one + length < len(ours):
                    length += 1
                longest = max(longest, length)
    return longest + 1


def test_a_copy_is_found_in_any_key_but_not_in_another_rhythm() -> None:
    copied = PIECES[3][10:31] + np.array([960, 0, 4, 0])
    slower = copied * np.array([2, 2, 1, 1])
    assert MEMORY.longest_copies([copied, slower]) == [21, naive(slower)]


def test_it_finds_what_a_search_everywhere_finds() -> None:
    samples = [random_piece(seed).notes for seed in range(50, 60)]
    samples += [np.concatenate((PIECES[1][5:12], samples[0]))]
    assert MEMORY.longest_copies(samples) == [naive(sample) for sample in samples]


def test_without_a_memory_there_is_no_copy() -> None:
    assert Memory([]).longest_copies([PIECES[0], PIECES[0][:1]]) == [1, 1]
