"""Quantizes notes to a tokenizer's grid and encodes each bar as symbols.

Works on whole pieces in numpy, because a large data set has millions of notes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_BAR, Metre, Note
from shared.tokenizers.symbols import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    METRES,
    TICKS_PER_POSITION,
    Symbol,
    SymbolKind,
)

NoteArray: TypeAlias = NDArray[np.integer[Any]]
"""[n, 4]: start, duration, pitch, velocity."""

START, DURATION, PITCH, VELOCITY = range(4)
NUM_PITCHES = 128
"""Number of MIDI pitches."""


def as_array(notes: Sequence[Note] | NoteArray) -> NDArray[np.int64]:
    """Notes as rows."""
    return np.asarray(notes, dtype=np.int64).reshape(-1, 4)


def count_pitches(pitches: Iterable[Sequence[int]]) -> NDArray[np.int64]:
    """[n, 128]: how often each pitch is in each of n lists."""
    rows = (np.array(row, dtype=np.int64) for row in pitches)
    return np.array([np.bincount(row, minlength=NUM_PITCHES) for row in rows])


def in_bars(metres: Sequence[Metre], num_bars: int) -> list[Metre]:
    """The metre of each of these bars; those after `metres` are in 4/4."""
    return [*metres[:num_bars], *[Metre.FOUR_FOUR] * (num_bars - len(metres))]


def bar_lines(end: int, metres: Sequence[Metre]) -> NDArray[np.int64]:
    """[bars + 1]: the ticks of the bar lines, from 0 to the first one that is not before `end`."""
    lines = np.cumsum([0, *(metre.bar_length for metre in metres)])
    missing = max(0, math.ceil((end - lines[-1]) / TICKS_PER_BAR))
    more = lines[-1] + TICKS_PER_BAR * np.arange(1, missing + 1)
    found: NDArray[np.int64] = np.concatenate([lines, more])
    return found[: np.searchsorted(found, end) + 1]


class Quantizer:
    """Rounds notes to the values in a vocabulary, and encodes them as characters."""

    def __init__(self, characters: Mapping[Symbol, str]) -> None:
        """`characters` maps every symbol of the vocabulary to its character."""
        self._bars = {
            METRES[symbol.value]: ord(character)
            for symbol, character in characters.items()
            if symbol.kind is SymbolKind.BAR
        }
        self._positions = _Values(characters, SymbolKind.POSITION)
        self._pitches = _Values(characters, SymbolKind.PITCH)
        self._velocities = _Values(characters, SymbolKind.VELOCITY)
        self._durations = _Values(characters, SymbolKind.DURATION)

    def quantize(self, notes: Sequence[Note] | NoteArray) -> NDArray[np.int64]:
        """Notes on the grid, sorted by start and pitch; pitches outside a piano are dropped.

        Of several notes with equal start and pitch, the longest is kept; among equally long ones,
        the loudest.
        """
        rows = as_array(notes)
        rows = rows[(rows[:, PITCH] >= LOWEST_PITCH) & (rows[:, PITCH] <= HIGHEST_PITCH)]
        start = (rows[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
        duration = self._durations.nearest(rows[:, DURATION])
        velocity = self._velocities.nearest(rows[:, VELOCITY])
        placed = np.stack((start * TICKS_PER_POSITION, duration, rows[:, PITCH], velocity), axis=1)
        placed = placed[np.lexsort((-velocity, -duration, rows[:, PITCH], start))]
        repeated = (np.diff(placed[:, START]) == 0) & (np.diff(placed[:, PITCH]) == 0)
        kept: NDArray[np.int64] = placed[~np.append([False], repeated)[: len(placed)]]
        return kept

    def words(self, notes: Sequence[Note] | NoteArray, metres: Sequence[Metre] = ()) -> list[str]:
        """The word of each bar until the last note has ended; each starts with its bar line.

        `metres` are those of the bars; the bars after them, and all by default, are in 4/4.

        Raises:
            ValueError: the vocabulary does not have one of the metres.
        """
        quantized = self.quantize(notes)
        if unknown := set(metres) - self._bars.keys():
            raise ValueError(f"no bars in {', '.join(sorted(unknown))}")
        return self._encode_words(quantized, metres) if len(quantized) else []

    def _encode_words(self, notes: NDArray[np.int64], metres: Sequence[Metre]) -> list[str]:
        lines = bar_lines((notes[:, START] + notes[:, DURATION]).max(), metres)
        num_bars = len(lines) - 1
        bars = np.searchsorted(lines, notes[:, START], side="right") - 1
        ticks = notes[:, START] - lines[bars]
        opens = np.append([True], np.diff(notes[:, START]) > 0)  # first note of its position
        ends = np.cumsum(3 + opens)
        pitches = ends - 3 + bars + 1  # index of each note's pitch; each bar adds a bar line
        encoded = np.empty(ends[-1] + num_bars, dtype="<u4")
        encoded[pitches[opens] - 1] = self._positions.code(ticks[opens] // TICKS_PER_POSITION)
        encoded[pitches] = self._pitches.code(notes[:, PITCH])
        encoded[pitches + 1] = self._velocities.code(notes[:, VELOCITY])
        encoded[pitches + 2] = self._durations.code(notes[:, DURATION])
        before = np.searchsorted(bars, np.arange(num_bars + 1))  # notes before each bar
        bar_starts = np.append([0], ends)[before] + np.arange(num_bars + 1)
        encoded[bar_starts[:-1]] = [self._bars[metre] for metre in in_bars(metres, num_bars)]
        text = encoded.tobytes().decode("utf-32-le")
        return [text[start:end] for start, end in pairwise(bar_starts)]


class _Values:
    """The values of one kind of symbol in ascending order, and their characters' codes."""

    def __init__(self, characters: Mapping[Symbol, str], kind: SymbolKind) -> None:
        codes = {
            symbol.value: ord(char) for symbol, char in characters.items() if symbol.kind is kind
        }
        self._values = np.array(sorted(codes), dtype=np.int64)
        self._codes = np.array([codes[value] for value in sorted(codes)], dtype="<u4")

    def nearest(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The nearest value to each number; of two that are equally near, the higher."""
        above = np.searchsorted(self._values, numbers).clip(max=len(self._values) - 1)
        high, low = self._values[above], self._values[(above - 1).clip(min=0)]
        nearest: NDArray[np.int64] = np.where(numbers - low < high - numbers, low, high)
        return nearest

    def code(self, values: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The character codes of numbers that are values."""
        return self._codes[np.searchsorted(self._values, values)]
