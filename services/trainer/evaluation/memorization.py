"""Longest run of notes that a sample shares with the training pieces.

A run matches if its pitch intervals and its onset distances are the same, in any key. Runs of one
length are compared by 64-bit hashes, all at once; the length grows until no sample has a match.
Held-out pieces share runs with the training side too: compare samples with them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.piece import Notes
from shared.tokenizers.quantization import PITCH, START
from shared.tokenizers.symbols import TICKS_PER_POSITION

MAX_ONSET_DISTANCE = 255
"""Grid positions between two onsets; larger distances are clipped."""
HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Steps = NDArray[np.uint64]
"""[n - 1]: a number for each pair of consecutive notes, or a hash for each run of pairs."""


class TrainingOverlapIndex:
    """The pieces that a model was trained on."""

    def __init__(self, pieces: Sequence[Notes]) -> None:
        self._steps = [_steps(notes) for notes in pieces]

    def longest_overlaps(self, samples: Sequence[Notes]) -> list[int]:
        """For each sample, the notes of its longest run that is also in a training piece."""
        sample_steps = [_steps(notes) for notes in samples]
        longest = [1] * len(samples)
        training_runs, sample_runs = self._steps, sample_steps
        matching, length = list(range(len(samples))), 1
        while matching:
            known = np.unique(np.concatenate([*training_runs, np.zeros(0, dtype=np.uint64)]))
            matching = [at for at in matching if _any_known(sample_runs[at], known)]
            for at in matching:
                longest[at] = length + 1
            training_runs = _extend(training_runs, self._steps, length)
            sample_runs = _extend(sample_runs, sample_steps, length)
            length += 1
        return longest


def _steps(notes: Notes) -> Steps:
    """A number for each pair of consecutive notes: its pitch interval and its onset distance."""
    intervals = np.diff(notes[:, PITCH]) + 128
    onsets = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    distances = np.minimum(np.diff(onsets), MAX_ONSET_DISTANCE)
    return (1 + 256 * intervals + distances).astype(np.uint64)


def _extend(runs: list[Steps], steps: list[Steps], length: int) -> list[Steps]:
    """Hashes of runs one step longer; a hash is a polynomial in `HASH_FACTOR`, mod 2**64."""
    return [
        run[: len(each) - length] * HASH_FACTOR + each[length:]
        if len(each) > length
        else np.zeros(0, dtype=np.uint64)
        for run, each in zip(runs, steps, strict=True)
    ]


def _any_known(hashes: Steps, known: Steps) -> bool:
    """Whether one of the hashes is among the known ones, which are sorted."""
    if not len(hashes) or not len(known):
        return False
    found = np.searchsorted(known, hashes).clip(max=len(known) - 1)
    return bool((known[found] == hashes).any())
