"""The seam behind which every network stands: rows of state, each holding one sequence.

Whoever drives a model knows rows, token ids and logits, and nothing of caches or hidden states. A
model promises *row invariance*: what a token gives is the same to the last bit in whatever company
and place it is taken in, be it alone, beside other rows, or at once with the rest of its prompt.
"""

from typing import Protocol

import torch
from torch import Tensor


class State(Protocol):
    """What a model remembers of its rows."""

    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in tokens; logits float32 [T, V] of what follows each.

        All are int64 [T] on the CPU: token i is at `positions[i]` of the sequence in `rows[i]`.
        Those of one row come in order and go on from what it holds; one at position 0 begins it
        anew. Where this fails, what these rows hold is nothing to go on from.
        """

    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another, so that rows in use have no gaps."""


class Model(Protocol):
    """A network ready to be sampled from."""

    @property
    def vocab_size(self) -> int:
        """Number of token ids, V."""

    @property
    def context(self) -> int:
        """Positions that a row can hold."""

    @property
    def kernels(self) -> str:
        """Number format and form of its operations: models of one name round alike."""

    @property
    def device(self) -> torch.device:
        """Where logits come back."""

    def init_state(self, rows: int) -> State:
        """Room for `rows` sequences at once."""
