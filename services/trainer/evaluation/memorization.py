"""Longest passage of notes that a sample shares with the training pieces.

Two passages match if their pitch intervals and onset distances are equal; their keys may differ.
All passages of one length are compared at once by 64-bit hashes. The length grows until no sample
has a match. Held-out pieces also share passages with the training side; they are the baseline for
the samples.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.piece import Notes
from shared.tokenizers.quantization import PITCH, START
from shared.tokenizers.symbols import TICKS_PER_POSITION

MAX_ONSET_DISTANCE = 255
"""Largest distance between two onsets, in grid positions; larger distances are clipped."""
HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Steps = NDArray[np.uint64]
"""[n - 1]: a number for each pair of consecutive notes, or a hash for each passage."""


class TrainingOverlapIndex:
    """Finds passages of the pieces that a model was trained on."""

    def __init__(self, pieces: Sequence[Notes]) -> None:
        self._steps = [_steps(notes) for notes in pieces]

    def longest_overlaps(self, samples: Sequence[Notes]) -> list[int]:
        """For each sample, the length in notes of its longest passage that a training piece has."""
        sample_steps = [_steps(notes) for notes in samples]
        longest = [1] * len(samples)
        training_hashes, sample_hashes = self._steps, sample_steps
        matching, length = list(range(len(samples))), 1
        while matching:
            known = np.unique(np.concatenate([*training_hashes, np.zeros(0, dtype=np.uint64)]))
            matching = [index for index in matching if _any_known(sample_hashes[index], known)]
            for index in matching:
                longest[index] = length + 1
            training_hashes = _extend(training_hashes, self._steps, length)
            sample_hashes = _extend(sample_hashes, sample_steps, length)
            length += 1
        return longest


def _steps(notes: Notes) -> Steps:
    """A number for each pair of consecutive notes: its pitch interval and its onset distance."""
    intervals = np.diff(notes[:, PITCH]) + 128
    onsets = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    distances = np.minimum(np.diff(onsets), MAX_ONSET_DISTANCE)
    return (1 + 256 * intervals + distances).astype(np.uint64)


def _extend(hashes: list[Steps], steps: list[Steps], length: int) -> list[Steps]:
    """The hashes of passages one step longer: polynomials in `HASH_FACTOR`, modulo 2**64."""
    return [
        piece_hashes[: len(piece_steps) - length] * HASH_FACTOR + piece_steps[length:]
        if len(piece_steps) > length
        else np.zeros(0, dtype=np.uint64)
        for piece_hashes, piece_steps in zip(hashes, steps, strict=True)
    ]


def _any_known(hashes: Steps, known: Steps) -> bool:
    """Whether one of the hashes is in `known`, which is sorted."""
    if not len(hashes) or not len(known):
        return False
    found = np.searchsorted(known, hashes).clip(max=len(known) - 1)
    return bool((known[found] == hashes).any())
