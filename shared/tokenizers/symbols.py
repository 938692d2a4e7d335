"""The symbols of REMI (Huang and Yang 2020), with the metre of each bar.

A symbol is one event of the vocabulary before byte pair encoding; a token is one or more symbols.
"""

from enum import StrEnum
from typing import NamedTuple

from ostinato.schemas.notes import QUARTERS_PER_BAR, TICKS_PER_QUARTER, Metre

POSITIONS_PER_QUARTER = 8
POSITIONS_PER_BAR = POSITIONS_PER_QUARTER * QUARTERS_PER_BAR
"""Of the longest bar."""
TICKS_PER_POSITION = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER
LOWEST_PITCH, HIGHEST_PITCH = 21, 108
"""The range of a piano, as MIDI pitches."""


class SymbolKind(StrEnum):
    """Kinds of symbols, named as in MidiTok; any other name is a special token."""

    BAR = "Bar"
    """A bar line; the value is the index of the metre of the bar."""
    POSITION = "Position"
    """Distance from the bar line in thirty-second notes."""
    PITCH = "Pitch"
    VELOCITY = "Velocity"
    DURATION = "Duration"
    """Duration in ticks."""
    SPECIAL = "Special"
    """A token that is not music."""


class Symbol(NamedTuple):
    """One event."""

    kind: SymbolKind
    value: int


METRES = tuple(Metre)


def bar_symbol(metre: Metre) -> Symbol:
    """The bar line that opens a bar in this metre."""
    return Symbol(SymbolKind.BAR, METRES.index(metre))


BAR = bar_symbol(Metre.FOUR_FOUR)


def parse_symbol(name: str) -> Symbol:
    """Parse MidiTok's name of a base token.

    >>> parse_symbol("Duration_1.4.8")
    Symbol(kind=<SymbolKind.DURATION: 'Duration'>, value=720)
    """
    kind, _, value = name.partition("_")
    if kind == SymbolKind.BAR:
        return BAR if value == "None" else bar_symbol(Metre(value))
    if kind == SymbolKind.DURATION:
        quarters, parts, resolution = map(int, value.split("."))
        return Symbol(
            SymbolKind.DURATION, (quarters * resolution + parts) * TICKS_PER_QUARTER // resolution
        )
    if kind in (SymbolKind.POSITION, SymbolKind.PITCH, SymbolKind.VELOCITY):
        return Symbol(SymbolKind(kind), int(value))
    return Symbol(SymbolKind.SPECIAL, 0)
