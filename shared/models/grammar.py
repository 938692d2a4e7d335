"""Constrained decoding: a tokenizer's grammar as a logit mask.

The grammar is a table; the mask of a batch takes one gather. The table comes from the tokenizer;
this module does not import it.
Shapes: S states of the grammar, V tokens, B rows.
"""

from enum import IntEnum
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

START_STATE = 0
"""The state of every sequence before its first token, BOS."""


class IllegalToken(ValueError):
    """The grammar does not allow this token in this state."""


class Phase(IntEnum):
    """How far a generation has progressed; a phase further restricts what the grammar allows."""

    OPENING = 0
    """Nothing is generated yet: only a bar line is allowed."""
    GENERATING = 1
    """The last bar is not open yet: EOS is not allowed."""
    CLOSING = 2
    """The last bar is open: no further restriction; a bar line ends the sequence, as EOS does."""


class Grammar(Protocol):
    """The grammar of one tokenizer."""

    @property
    def next_state(self) -> NDArray[np.int16]:
        """[S, V]: the state after a token; -1 where the token is illegal."""

    @property
    def opens_bar(self) -> NDArray[np.bool_]:
        """[V]: whether the token opens a bar; the bar line is then its first symbol."""

    @property
    def at_bar_line(self) -> NDArray[np.bool_]:
        """[S]: whether the state is a bar line, so that the next token opens a bar."""

    @property
    def bos(self) -> int:
        """The first token of every sequence."""

    @property
    def eos(self) -> int:
        """The token that ends a sequence."""


def advance(grammar: Grammar, state: int, token: int) -> int:
    """The state after `token`; raises IllegalToken if it is illegal in `state`."""
    following = int(grammar.next_state[state, token])
    if following < 0:
        raise IllegalToken(f"token {token} is illegal in state {state}")
    return following


def opens_bar(grammar: Grammar, state: int, token: int) -> bool:
    """Whether `token`, which is not EOS, opens a bar in `state`."""
    return bool(grammar.opens_bar[token] or grammar.at_bar_line[state])


class GrammarMask:
    """The masks of a grammar, on the device of the logits."""

    def __init__(self, grammar: Grammar, device: torch.device) -> None:
        every_token = torch.ones(grammar.next_state.shape[1], dtype=torch.bool)
        without_eos = every_token.clone()
        without_eos[grammar.eos] = False
        self._states = torch.from_numpy(grammar.next_state >= 0).to(device)  # [S, V]
        self._phases = torch.stack((without_eos, without_eos, every_token)).to(device)  # [3, V]
        self._opens_bar = torch.from_numpy(grammar.opens_bar).to(device)  # [V]
        self._at_bar_line = torch.from_numpy(grammar.at_bar_line).to(device)  # [S]

    def apply(self, logits: Tensor, states: Tensor, phases: Tensor) -> Tensor:
        """Logits [B, V] with -inf for illegal tokens; `states` and `phases` are int64 [B]."""
        started = (phases > Phase.OPENING).to(logits.device) | self._at_bar_line[states]  # [B]
        legal = self._states[states] & self._phases[phases] & (started[:, None] | self._opens_bar)
        return logits.masked_fill(~legal, -torch.inf)
