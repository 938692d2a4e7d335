"""A piece of music as the trainer sees it: a name and an array of notes in time order.

Refuses to know where the piece comes from and how it will be spelt in tokens.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from shared.tokenizers.grid import NoteArray

Notes: TypeAlias = NoteArray
"""[n, 4]: start, duration, pitch, velocity; ordered by start, then pitch."""

RUN = 10
"""Intervals in a row that two unrelated tunes hardly ever share."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece; equal music has equal `identity`, whatever its key and its name."""

    name: str
    notes: Notes
    seconds: float
    """From its first note to the end of its last, at its own tempo."""

    @cached_property
    def identity(self) -> str:
        """SHA-256 of the onsets from the first note and the steps from the first pitch."""
        relative = self.notes[:, [0, 2]] - self.notes[0, [0, 2]]
        return hashlib.sha256(np.ascontiguousarray(relative, dtype="<i8").tobytes()).hexdigest()

    @cached_property
    def runs(self) -> frozenset[bytes]:
        """Every `RUN` consecutive pitch intervals: blind to key, tempo and note values."""
        return frozenset(interval_runs(self.notes, RUN))

    def transposed(self, semitones: int) -> "Piece":
        """The same piece in another key."""
        return replace(self, notes=self.notes + np.array([0, 0, semitones, 0]))


def interval_runs(notes: Notes, length: int) -> Iterator[bytes]:
    """Each window of `length` pitch intervals, as bytes."""
    steps = np.diff(notes[:, 2]).astype(np.int8).tobytes()
    return (steps[at : at + length] for at in range(len(steps) - length + 1))
