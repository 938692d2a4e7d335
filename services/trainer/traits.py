"""Traits of a piece that can be counted, to see whether a model's pieces are like real ones.

No trait is better for being higher: what counts is the distance to pieces that people wrote. The
first three are muspy's (Dong et al. 2020). Refuses to know models.
"""

from collections.abc import Iterable

import numpy as np

from services.trainer.data.piece import Notes, Piece, interval_runs
from shared.schemas.notes import TICKS_PER_BAR
from shared.tokenizers.symbols import TICKS_PER_POSITION

MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])
PHRASE = 6
"""Intervals that make a figure whose return can be heard."""
LONGEST_STEP = 255
"""Grid positions between two onsets; more counts as so many."""


def pitch_class_entropy(notes: Notes) -> float:
    """Bits; 0 for a single pitch class, 3.58 for twelve equally frequent ones."""
    shares = np.bincount(notes[:, 2] % 12, minlength=12) / len(notes)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def in_scale(notes: Notes) -> float:
    """The share of notes inside the major scale that holds most of them."""
    classes = notes[:, 2] % 12
    return max(float(np.isin(classes, (MAJOR + tonic) % 12).mean()) for tonic in range(12))


def notes_per_bar(notes: Notes) -> float:
    """Notes by the bars up to the last onset."""
    return len(notes) / (int(notes[-1, 0]) // TICKS_PER_BAR + 1)


def repetition(notes: Notes) -> float:
    """The share of figures of `PHRASE` intervals that the piece has played before, in any key."""
    figures = list(interval_runs(notes, PHRASE))
    return 1 - len(set(figures)) / max(1, len(figures))


class Memory:
    """The training pieces as one text, to find out what a piece has copied from them."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._text = "\n".join(_steps(piece.notes) for piece in pieces)

    def longest_copy(self, notes: Notes) -> int:
        """Notes of the longest run found in a training piece, in any key and the same rhythm."""
        steps, longest = _steps(notes), 0
        for start in range(len(steps)):
            while start + longest < len(steps) and steps[start : start + longest + 1] in self._text:
                longest += 1
        return longest + 1


def _steps(notes: Notes) -> str:
    """A character for the way from each note to the next: its interval and its distance in time."""
    intervals = np.diff(notes[:, 2]) % 256
    onsets = (notes[:, 0] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    distances = np.minimum(np.diff(onsets), LONGEST_STEP)
    return "".join(map(chr, 0x10000 + 256 * intervals + distances))
