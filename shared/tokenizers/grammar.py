"""The grammar of a REMI tokenizer as a table: [state, token] -> next state, or -1.

BOS, then bars, each opened by a bar line. In a bar, positions strictly increase; at a position,
pitches strictly increase; a pitch is followed by its velocity and its duration. EOS follows a bar
line or a note. A token of byte pair encoding is legal where its symbols are legal in sequence.

A state is one of four special ones, a position, or one of three stages of a note at a (position,
pitch).
Shapes: S states, V tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.tokenizers.symbols import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    POSITIONS_PER_BAR,
    Symbol,
    SymbolKind,
)

ILLEGAL = -1
NUM_PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1
NUM_PLACES = POSITIONS_PER_BAR * NUM_PITCHES
"""Number of places; a place is a position and a pitch."""

START, AFTER_BOS, AFTER_BAR, ENDED, AT_POSITION = range(5)
"""Before BOS, after BOS, after a bar line, after EOS, and the first of the positions."""
AFTER_PITCH = AT_POSITION + POSITIONS_PER_BAR
AFTER_VELOCITY = AFTER_PITCH + NUM_PLACES
AFTER_NOTE = AFTER_VELOCITY + NUM_PLACES
NUM_STATES = AFTER_NOTE + NUM_PLACES

PLACES = np.arange(NUM_PLACES, dtype=np.int16)
POSITION_OF, PITCH_OF = np.divmod(PLACES, np.int16(NUM_PITCHES))

Column = NDArray[np.int16]
"""[S]: for one token, the next state after every state."""


class BarInsideToken(ValueError):
    """A token has a bar line that is not its first symbol, so no sequence could end there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GrammarTable:
    """The legal successors in one vocabulary."""

    next_state: NDArray[np.int16]
    """[S, V], -1 where the token is illegal; a sequence starts in state 0, before BOS."""
    opens_bar: NDArray[np.bool_]
    """[V]: whether the token opens a bar; the bar line is then its first symbol."""
    at_bar_line: NDArray[np.bool_]
    """[S]: whether the state is a bar line, so that the next token opens a bar."""
    bos: int
    eos: int


def build_grammar(token_symbols: Sequence[tuple[Symbol, ...]], bos: int, eos: int) -> GrammarTable:
    """The grammar of a vocabulary; `token_symbols[i]` are the symbols of token i.

    Raises:
        BarInsideToken: a bar line is not the first symbol of its token.
    """
    next_state = np.stack([_column(symbols) for symbols in token_symbols], axis=1)
    next_state[START, bos] = AFTER_BOS
    next_state[AFTER_BAR, eos] = ENDED
    next_state[AFTER_NOTE:, eos] = ENDED
    return GrammarTable(
        next_state=next_state,
        opens_bar=np.array([_opens_bar(symbols) for symbols in token_symbols], dtype=np.bool_),
        at_bar_line=np.zeros(NUM_STATES, dtype=np.bool_),
        bos=bos,
        eos=eos,
    )


def _column(symbols: tuple[Symbol, ...]) -> Column:
    """Follow all symbols of a token from every state; a token without symbols is illegal."""
    column = np.arange(NUM_STATES, dtype=np.int16) if symbols else _illegal_everywhere()
    for symbol in symbols:
        step = np.append(_STEPS[symbol.kind](symbol.value), np.int16(ILLEGAL))
        column = step[column]  # an illegal state is -1 and indexes the appended element
    return column


def _opens_bar(symbols: tuple[Symbol, ...]) -> bool:
    lines = [index for index, symbol in enumerate(symbols) if symbol.kind is SymbolKind.BAR]
    if lines not in ([], [0]):
        raise BarInsideToken(f"bar lines at {lines} of {symbols}")
    return bool(lines)


def _illegal_everywhere() -> Column:
    return np.full(NUM_STATES, ILLEGAL, dtype=np.int16)


def _after_bar(_: int) -> Column:
    column = _illegal_everywhere()
    column[[AFTER_BOS, AFTER_BAR]] = AFTER_BAR
    column[AFTER_NOTE:] = AFTER_BAR
    return column


def _after_position(position: int) -> Column:
    column = _illegal_everywhere()
    column[AFTER_BAR] = AT_POSITION + position
    column[AFTER_NOTE:][position > POSITION_OF] = AT_POSITION + position
    return column


def _after_pitch(pitch: int) -> Column:
    column = _illegal_everywhere()
    pitch_index = pitch - LOWEST_PITCH
    here = AFTER_PITCH + NUM_PITCHES * np.arange(POSITIONS_PER_BAR) + pitch_index
    column[AT_POSITION:AFTER_PITCH] = here
    lower = pitch_index > PITCH_OF
    column[AFTER_NOTE:][lower] = here[POSITION_OF[lower]]
    return column


def _after_velocity(_: int) -> Column:
    column = _illegal_everywhere()
    column[AFTER_PITCH:AFTER_VELOCITY] = AFTER_VELOCITY + PLACES
    return column


def _after_duration(_: int) -> Column:
    column = _illegal_everywhere()
    column[AFTER_VELOCITY:AFTER_NOTE] = AFTER_NOTE + PLACES
    return column


_STEPS: dict[SymbolKind, Callable[[int], Column]] = {
    SymbolKind.BAR: _after_bar,
    SymbolKind.POSITION: _after_position,
    SymbolKind.PITCH: _after_pitch,
    SymbolKind.VELOCITY: _after_velocity,
    SymbolKind.DURATION: _after_duration,
    SymbolKind.SPECIAL: lambda _: _illegal_everywhere(),
}
