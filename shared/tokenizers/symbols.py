"""What a token says: the events of REMI (Huang and Yang 2020) on a grid of four-quarter bars.

A symbol is one event of the vocabulary before byte pair encoding; a learnt token is several. Here
is also how a note's numbers become symbols. Refuses to know ids, files and networks.
"""

from bisect import bisect_left
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from shared.schemas.notes import QUARTERS_PER_BAR, TICKS_PER_BAR, TICKS_PER_QUARTER, Note

POSITIONS_PER_QUARTER = 8
POSITIONS_PER_BAR = POSITIONS_PER_QUARTER * QUARTERS_PER_BAR
TICKS_PER_POSITION = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER
LOWEST_PITCH, HIGHEST_PITCH = 21, 108
"""The keys of a piano."""


class Kind(StrEnum):
    """Kinds of symbols, under MidiTok's names; any other name is a special token."""

    BAR = "Bar"
    """A bar line; the value means nothing."""
    POSITION = "Position"
    """Thirty-second notes from the bar line."""
    PITCH = "Pitch"
    VELOCITY = "Velocity"
    DURATION = "Duration"
    """Ticks."""
    SPECIAL = "Special"
    """Not music."""


class Symbol(NamedTuple):
    """One event."""

    kind: Kind
    value: int


BAR = Symbol(Kind.BAR, 0)


def parse_symbol(name: str) -> Symbol:
    """Read MidiTok's name of a base token.

    >>> parse_symbol("Duration_1.4.8")
    Symbol(kind=<Kind.DURATION: 'Duration'>, value=720)
    """
    kind, _, value = name.partition("_")
    if kind == Kind.BAR:
        return BAR
    if kind == Kind.DURATION:
        quarters, parts, resolution = map(int, value.split("."))
        return Symbol(
            Kind.DURATION, (quarters * resolution + parts) * TICKS_PER_QUARTER // resolution
        )
    if kind in (Kind.POSITION, Kind.PITCH, Kind.VELOCITY):
        return Symbol(Kind(kind), int(value))
    return Symbol(Kind.SPECIAL, 0)


class Grid:
    """The values that a vocabulary has, and how notes are put on them."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self._velocities = _values(symbols, Kind.VELOCITY)
        self._durations = _values(symbols, Kind.DURATION)

    def quantise(self, notes: Sequence[Note]) -> list[Note]:
        """Notes on the grid in order of start and pitch; what no piano has is left out.

        Of several notes on one place and key the longest stays, and of those the loudest.
        """
        longest: dict[tuple[int, int], tuple[int, int]] = {}
        for note in notes:
            if LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH:
                position = (note.start + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
                key = (position * TICKS_PER_POSITION, note.pitch)
                length = (
                    _nearest(self._durations, note.duration),
                    _nearest(self._velocities, note.velocity),
                )
                longest[key] = max(longest.get(key, length), length)
        return [
            Note(start, duration, pitch, velocity)
            for (start, pitch), (duration, velocity) in sorted(longest.items())
        ]

    def bars(self, notes: Sequence[Note]) -> list[list[Symbol]]:
        """The symbols of each bar, until the last note has ended; each begins with its bar line."""
        notes = self.quantise(notes)
        end = max((note.start + note.duration for note in notes), default=0)
        bars = [[BAR] for _ in range(-(-end // TICKS_PER_BAR))]
        previous_start = -1
        for note in notes:
            bar, ticks = divmod(note.start, TICKS_PER_BAR)
            if note.start != previous_start:
                bars[bar].append(Symbol(Kind.POSITION, ticks // TICKS_PER_POSITION))
                previous_start = note.start
            bars[bar].append(Symbol(Kind.PITCH, note.pitch))
            bars[bar].append(Symbol(Kind.VELOCITY, note.velocity))
            bars[bar].append(Symbol(Kind.DURATION, note.duration))
        return bars


def _values(symbols: Sequence[Symbol], kind: Kind) -> list[int]:
    return sorted(symbol.value for symbol in symbols if symbol.kind is kind)


def _nearest(values: list[int], value: int) -> int:
    """The nearest of ascending values; the higher of two that are equally near."""
    index = bisect_left(values, value)
    around = values[max(index - 1, 0) : index + 1]
    return min(around, key=lambda candidate: (abs(candidate - value), -candidate))
