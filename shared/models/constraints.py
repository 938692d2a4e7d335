"""What may follow what: a vocabulary's grammar as a table, applied to a whole batch in one gather.

Refuses to know what a token means; the table comes from whoever made the vocabulary.
Shapes: S states of the grammar, V tokens, B rows.
"""

from dataclasses import dataclass
from enum import IntEnum

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grammar:
    """The table of one vocabulary."""

    next_state: NDArray[np.integer]
    """[S, V]: where a token leads from a state; -1 where it is illegal."""
    bars: NDArray[np.integer]
    """[V]: 1 if the token opens a bar (then that comes first in it), else 0."""
    bos: int
    eos: int

    def advance(self, state: int, token: int) -> int:
        """The state after `token`; IllegalToken if it may not come."""
        following = int(self.next_state[state, token])
        if following < 0:
            raise IllegalToken(f"token {token} may not follow in state {state}")
        return following


class LegalTable:
    """A grammar as masks on the device that holds the logits."""

    def __init__(self, grammar: Grammar, device: torch.device) -> None:
        opens_bar = torch.from_numpy(grammar.bars > 0)
        anything = torch.ones_like(opens_bar)
        not_the_end = anything.clone()
        not_the_end[grammar.eos] = False
        self._states = torch.from_numpy(grammar.next_state >= 0).to(device)  # [S, V]
        self._stages = torch.stack((opens_bar, not_the_end, anything)).to(device)  # [stages, V]

    def apply(self, logits: Tensor, states: Tensor, stages: Tensor) -> Tensor:
        """Logits [B, V] with -inf for what may not follow; `states` and `stages` are int64 [B]."""
        return logits.masked_fill(~(self._states[states] & self._stages[stages]), -torch.inf)
