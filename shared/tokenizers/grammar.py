"""The grammar of a REMI vocabulary as one table: [state, token] -> next state, or -1.

BOS, then bars, each begun by a token that says so. In a bar, positions strictly increase; at a
position, pitches do; after a pitch come its velocity and its duration. EOS follows a bar line or a
note. A learnt token is legal where all that it stands for is, symbol after symbol. Refuses to know
probabilities, and how long a piece is.

A state is one of four, or a position, or one of three phases of a note and its place: position and
pitch. Shapes: S states, V tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.tokenizers.symbols import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    POSITIONS_PER_BAR,
    Kind,
    Symbol,
)

ILLEGAL = -1
NUM_PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1
NUM_PLACES = POSITIONS_PER_BAR * NUM_PITCHES

START, BEGUN, BAR_OPEN, ENDED, AT_POSITION = range(5)
"""Before BOS, after BOS, after a bar line, after EOS, and the first of the positions."""
AFTER_PITCH = AT_POSITION + POSITIONS_PER_BAR
AFTER_VELOCITY = AFTER_PITCH + NUM_PLACES
AFTER_NOTE = AFTER_VELOCITY + NUM_PLACES
NUM_STATES = AFTER_NOTE + NUM_PLACES

PLACES = np.arange(NUM_PLACES, dtype=np.int16)
POSITION_OF, PITCH_OF = np.divmod(PLACES, np.int16(NUM_PITCHES))

Column = NDArray[np.int16]
"""[S]: where one token leads from every state."""


class BarInsideToken(ValueError):
    """A learnt token has a bar line elsewhere than at its beginning: pieces could not end there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GrammarTable:
    """What may follow what in one vocabulary."""

    next_state: NDArray[np.int16]
    """[S, V], -1 where the token is illegal; a sequence starts in state 0, before BOS."""
    bars: NDArray[np.int16]
    """[V]: 1 if the token opens a bar, which then comes first in it, else 0."""
    lines: NDArray[np.bool_]
    """[S]: whether the state is a bar line, so that whatever follows opens a bar."""
    bos: int
    eos: int


def build_grammar(expansions: Sequence[tuple[Symbol, ...]], bos: int, eos: int) -> GrammarTable:
    """The table of a vocabulary whose token i stands for `expansions[i]`."""
    next_state = np.stack([_column(expansion) for expansion in expansions], axis=1)
    next_state[START, bos] = BEGUN
    next_state[BAR_OPEN, eos] = ENDED
    next_state[AFTER_NOTE:, eos] = ENDED
    bars = np.array([_bars(expansion) for expansion in expansions], dtype=np.int16)
    lines = np.zeros(NUM_STATES, dtype=np.bool_)
    return GrammarTable(next_state=next_state, bars=bars, lines=lines, bos=bos, eos=eos)


def _column(expansion: tuple[Symbol, ...]) -> Column:
    """Follow all symbols of a token from every state at once; nothing follows a token of none."""
    column = np.arange(NUM_STATES, dtype=np.int16) if expansion else _nowhere()
    for symbol in expansion:
        step = np.append(_STEPS[symbol.kind](symbol.value), np.int16(ILLEGAL))
        column = step[column]  # an illegal state is -1: the element appended
    return column


def _bars(expansion: tuple[Symbol, ...]) -> int:
    places = [index for index, symbol in enumerate(expansion) if symbol.kind is Kind.BAR]
    if places not in ([], [0]):
        raise BarInsideToken(f"bar lines at {places} of {expansion}")
    return len(places)


def _nowhere() -> Column:
    return np.full(NUM_STATES, ILLEGAL, dtype=np.int16)


def _after_bar(_: int) -> Column:
    column = _nowhere()
    column[[BEGUN, BAR_OPEN]] = BAR_OPEN
    column[AFTER_NOTE:] = BAR_OPEN
    return column


def _after_position(position: int) -> Column:
    column = _nowhere()
    column[BAR_OPEN] = AT_POSITION + position
    column[AFTER_NOTE:][position > POSITION_OF] = AT_POSITION + position
    return column


def _after_pitch(pitch: int) -> Column:
    column = _nowhere()
    key = pitch - LOWEST_PITCH
    here = AFTER_PITCH + NUM_PITCHES * np.arange(POSITIONS_PER_BAR) + key
    column[AT_POSITION:AFTER_PITCH] = here
    lower = key > PITCH_OF
    column[AFTER_NOTE:][lower] = here[POSITION_OF[lower]]
    return column


def _after_velocity(_: int) -> Column:
    column = _nowhere()
    column[AFTER_PITCH:AFTER_VELOCITY] = AFTER_VELOCITY + PLACES
    return column


def _after_duration(_: int) -> Column:
    column = _nowhere()
    column[AFTER_VELOCITY:AFTER_NOTE] = AFTER_NOTE + PLACES
    return column


_STEPS: dict[Kind, Callable[[int], Column]] = {
    Kind.BAR: _after_bar,
    Kind.POSITION: _after_position,
    Kind.PITCH: _after_pitch,
    Kind.VELOCITY: _after_velocity,
    Kind.DURATION: _after_duration,
    Kind.SPECIAL: lambda _: _nowhere(),
}
