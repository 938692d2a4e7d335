"""What may follow what: a vocabulary's grammar as a table, applied to a whole batch in one gather.

Refuses to know what a token means; the table comes from whoever made the vocabulary.
Shapes: S states of the grammar, V tokens, B rows.
"""

from enum import IntEnum
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

START_STATE = 0
"""Where every sequence stands before its first token, BOS."""


class IllegalToken(ValueError):
    """A token came where the grammar has no place for it."""


class Stage(IntEnum):
    """How far a piece is; each stage narrows what the grammar allows."""

    OPENING = 0
    """Nothing is written yet: only a bar line may come."""
    WRITING = 1
    """The last bar is not open yet: the end may not come."""
    CLOSING = 2
    """The last bar is open: whatever the grammar allows, a bar line being the end as well."""


class Grammar(Protocol):
    """The table of one vocabulary."""

    @property
    def next_state(self) -> NDArray[np.int16]:
        """[S, V]: where a token leads from a state; -1 where it is illegal."""

    @property
    def bars(self) -> NDArray[np.int16]:
        """[V]: 1 if the token opens a bar (then that comes first in it), else 0."""

    @property
    def lines(self) -> NDArray[np.bool_]:
        """[S]: whether the state is a bar line, so that whatever follows opens a bar."""

    @property
    def bos(self) -> int:
        """The token that every sequence begins with."""

    @property
    def eos(self) -> int:
        """The token that says that a piece is over."""


def advance(grammar: Grammar, state: int, token: int) -> int:
    """The state after `token`; IllegalToken if it may not come."""
    following = int(grammar.next_state[state, token])
    if following < 0:
        raise IllegalToken(f"token {token} may not follow in state {state}")
    return following


def opens_bar(grammar: Grammar, state: int, token: int) -> bool:
    """Whether `token`, which is not the end, opens a bar where it comes."""
    return bool(grammar.bars[token] or grammar.lines[state])


class LegalTable:
    """A grammar as masks on the device that holds the logits."""

    def __init__(self, grammar: Grammar, device: torch.device) -> None:
        anything = torch.ones(grammar.next_state.shape[1], dtype=torch.bool)
        not_the_end = anything.clone()
        not_the_end[grammar.eos] = False
        self._states = torch.from_numpy(grammar.next_state >= 0).to(device)  # [S, V]
        self._stages = torch.stack((not_the_end, not_the_end, anything)).to(device)  # [stages, V]
        self._opens = torch.from_numpy(grammar.bars > 0).to(device)  # [V]
        self._lines = torch.from_numpy(grammar.lines).to(device)  # [S]

    def apply(self, logits: Tensor, states: Tensor, stages: Tensor) -> Tensor:
        """Logits [B, V] with -inf for what may not follow; `states` and `stages` are int64 [B]."""
        written = (stages > Stage.OPENING).to(logits.device) | self._lines[states]  # [B]
        legal = self._states[states] & self._stages[stages] & (written[:, None] | self._opens)
        return logits.masked_fill(~legal, -torch.inf)
