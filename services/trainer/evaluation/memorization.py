"""The longest run of notes that a piece shares with the music that a model learnt from.

A run is copied if its intervals and its distances in time are the same, in whatever key. Runs of
one length are compared by 64-bit hashes, all at once, and the length grows until no piece has a
copy of it. Refuses to judge: held-out pieces share runs with the training side too.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.piece import Notes
from shared.tokenizers.grid import PITCH, START
from shared.tokenizers.symbols import TICKS_PER_POSITION

LONGEST_STEP = 255
"""Grid positions between two onsets; more counts as so many."""
FACTOR = np.uint64(0x9E3779B97F4A7C15)

Steps = NDArray[np.uint64]


class Memory:
    """The pieces that a model learnt from."""

    def __init__(self, pieces: Sequence[Notes]) -> None:
        self._steps = [_steps(notes) for notes in pieces]

    def longest_copies(self, samples: Sequence[Notes]) -> list[int]:
        """Notes of the longest run of each sample that is found in one of the pieces."""
        ours = [_steps(notes) for notes in samples]
        longest = [1] * len(samples)
        theirs, alive = self._steps, list(range(len(samples)))
        mine, length = ours, 1
        while alive:
            known = np.unique(np.concatenate([*theirs, np.zeros(0, dtype=np.uint64)]))
            alive = [at for at in alive if _any_known(mine[at], known)]
            for at in alive:
                longest[at] = length + 1
            theirs = _longer(theirs, self._steps, length)
            mine = _longer(mine, ours, length)
            length += 1
        return longest


def _steps(notes: Notes) -> Steps:
    """A number for the way from each note to the next: its interval and its distance in time."""
    intervals = np.diff(notes[:, PITCH]) + 128
    onsets = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    distances = np.minimum(np.diff(onsets), LONGEST_STEP)
    return (1 + 256 * intervals + distances).astype(np.uint64)


def _longer(runs: list[Steps], steps: list[Steps], length: int) -> list[Steps]:
    """Hashes of runs of one step more; the hash of a run is a polynomial in `FACTOR`, mod 2**64."""
    return [
        run[: len(each) - length] * FACTOR + each[length:]
        if len(each) > length
        else np.zeros(0, dtype=np.uint64)
        for run, each in zip(runs, steps, strict=True)
    ]


def _any_known(hashes: Steps, known: Steps) -> bool:
    if not len(hashes) or not len(known):
        return False
    found = np.searchsorted(known, hashes).clip(max=len(known) - 1)
    return bool((known[found] == hashes).any())
