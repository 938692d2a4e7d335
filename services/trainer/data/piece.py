"""A piece of a data set: a name and an array of notes in time order."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import Metre
from shared.tokenizers.quantization import START, NoteArray, bar_lines

Notes: TypeAlias = NoteArray
"""[n, 4]: start, duration, pitch and velocity of n notes, ordered by start, then pitch."""

NGRAM_LENGTH = 10
"""Number of consecutive intervals that two unrelated pieces hardly ever share."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece; pieces that differ only in key and name have equal content hashes."""

    name: str
    notes: Notes
    metres: tuple[Metre, ...] = ()
    """The time signatures of its bars; those after them, and all by default, are in 4/4."""
    seconds: float
    """Time from its first onset to the end of its last note, at its own tempo."""

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of onsets and pitches, relative to those of the first note."""
        relative = self.notes[:, [0, 2]] - self.notes[0, [0, 2]]
        return hashlib.sha256(np.ascontiguousarray(relative, dtype="<i8").tobytes()).hexdigest()

    @cached_property
    def interval_ngrams(self) -> frozenset[bytes]:
        """All n-grams of `NGRAM_LENGTH` pitch intervals, which ignore key, tempo and durations."""
        return frozenset(iter_interval_ngrams(self.notes, NGRAM_LENGTH))

    @property
    def bar_lines(self) -> NDArray[np.int64]:
        """[bars + 1]: the ticks of the bar lines of the bars in which notes begin."""
        return bar_lines(int(self.notes[-1, START]) + 1, self.metres)

    def transposed(self, semitones: int) -> "Piece":
        """The same piece in another key."""
        return replace(self, notes=self.notes + np.array([0, 0, semitones, 0]))


def iter_interval_ngrams(notes: Notes, length: int) -> Iterator[bytes]:
    """Each window of `length` pitch intervals, as bytes."""
    intervals = np.diff(notes[:, 2]).astype(np.int8).tobytes()
    return (intervals[start : start + length] for start in range(len(intervals) - length + 1))
