"""What a token says: the events of REMI (Huang and Yang 2020) on a grid of four-quarter bars.

A symbol is one event of the vocabulary before byte pair encoding; a learnt token is several.
Refuses to know ids, files and networks.
"""

from enum import StrEnum
from typing import NamedTuple

from ostinato.schemas.notes import QUARTERS_PER_BAR, TICKS_PER_QUARTER

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
