"""Notes on the grid of a vocabulary, and their spelling: a word a bar, a character a symbol.

Whole pieces at once, in numpy, because a large data set has millions of notes. Refuses to know ids
and pairs.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.symbols import (
    BAR,
    HIGHEST_PITCH,
    LOWEST_PITCH,
    TICKS_PER_POSITION,
    Kind,
    Symbol,
)

NoteArray: TypeAlias = NDArray[np.integer[Any]]
"""[n, 4]: start, duration, pitch, velocity."""

START, DURATION, PITCH, VELOCITY = range(4)
NUM_PITCHES = 128
"""As MIDI counts them."""


def as_array(notes: Sequence[Note] | NoteArray) -> NDArray[np.int64]:
    """Notes as rows."""
    return np.asarray(notes, dtype=np.int64).reshape(-1, 4)


def count_pitches(pitches: Iterable[Sequence[int]]) -> NDArray[np.int64]:
    """[n, 128]: how often each pitch is in each of n lists."""
    return np.array([np.bincount(each, minlength=NUM_PITCHES) for each in map(_as_ints, pitches)])


def _as_ints(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


class Grid:
    """The values that a vocabulary has, and how notes are put on them and spelt."""

    def __init__(self, characters: Mapping[Symbol, str]) -> None:
        """`characters` holds every symbol of the vocabulary."""
        self._bar = ord(characters[BAR])
        self._positions = _Values(characters, Kind.POSITION)
        self._pitches = _Values(characters, Kind.PITCH)
        self._velocities = _Values(characters, Kind.VELOCITY)
        self._durations = _Values(characters, Kind.DURATION)

    def quantise(self, notes: Sequence[Note] | NoteArray) -> NDArray[np.int64]:
        """Notes on the grid in order of start and pitch; what no piano has is left out.

        Of several notes on one place and key the longest stays, and of those the loudest.
        """
        rows = as_array(notes)
        rows = rows[(rows[:, PITCH] >= LOWEST_PITCH) & (rows[:, PITCH] <= HIGHEST_PITCH)]
        start = (rows[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
        duration = self._durations.nearest(rows[:, DURATION])
        velocity = self._velocities.nearest(rows[:, VELOCITY])
        placed = np.stack((start * TICKS_PER_POSITION, duration, rows[:, PITCH], velocity), axis=1)
        placed = placed[np.lexsort((-velocity, -duration, rows[:, PITCH], start))]
        again = (np.diff(placed[:, START]) == 0) & (np.diff(placed[:, PITCH]) == 0)
        kept: NDArray[np.int64] = placed[~np.append([False], again)[: len(placed)]]
        return kept

    def words(self, notes: Sequence[Note] | NoteArray) -> list[str]:
        """The word of each bar, until the last note has ended; each begins with its bar line."""
        placed = self.quantise(notes)
        return self._spell(placed) if len(placed) else []

    def _spell(self, notes: NDArray[np.int64]) -> list[str]:
        num_bars = -int(-(notes[:, START] + notes[:, DURATION]).max() // TICKS_PER_BAR)
        bars, ticks = np.divmod(notes[:, START], TICKS_PER_BAR)
        opens = np.append([True], np.diff(notes[:, START]) > 0)  # a position, before its first note
        ends = np.cumsum(3 + opens)
        at = ends - 3 + bars + 1  # where each note's pitch stands: a bar line more for each bar
        spelt = np.full(ends[-1] + num_bars, self._bar, dtype="<u4")
        spelt[at[opens] - 1] = self._positions.code(ticks[opens] // TICKS_PER_POSITION)
        spelt[at] = self._pitches.code(notes[:, PITCH])
        spelt[at + 1] = self._velocities.code(notes[:, VELOCITY])
        spelt[at + 2] = self._durations.code(notes[:, DURATION])
        text = spelt.tobytes().decode("utf-32-le")
        before = np.searchsorted(bars, np.arange(num_bars + 1))  # notes before each bar
        lines = np.append([0], ends)[before] + np.arange(num_bars + 1)
        return [text[one:other] for one, other in pairwise(lines)]


class _Values:
    """The values of one kind of symbol in ascending order, each with its character's code."""

    def __init__(self, characters: Mapping[Symbol, str], kind: Kind) -> None:
        codes = {
            symbol.value: ord(char) for symbol, char in characters.items() if symbol.kind is kind
        }
        self._values = np.array(sorted(codes), dtype=np.int64)
        self._codes = np.array([codes[value] for value in sorted(codes)], dtype="<u4")

    def nearest(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The nearest value of each number; the higher of two that are equally near."""
        above = np.searchsorted(self._values, numbers).clip(max=len(self._values) - 1)
        high, low = self._values[above], self._values[(above - 1).clip(min=0)]
        nearest: NDArray[np.int64] = np.where(numbers - low < high - numbers, low, high)
        return nearest

    def code(self, values: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The characters of numbers that are values."""
        return self._codes[np.searchsorted(self._values, values)]
