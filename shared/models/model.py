"""The seam behind which every network stands: rows of state, filled once, then stepped together.

Whoever drives a model knows rows, token ids and logits, and nothing of caches or hidden states. A
model promises *row invariance*: what a row gives is the same to the last bit in whatever company
and place it runs.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor


class State(Protocol):
    """What a model remembers of its rows; a row holds one sequence at a time."""

    def prefill(self, row: int, tokens: Sequence[int]) -> None:
        """Forget what the row held and take in `tokens`, from position 0; they may be none."""

    def step(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Logits float32 [B, V] of what follows, after taking in one token for each of rows 0..B-1.

        `tokens` and `positions` are int64 [B], on the CPU. What rows from B on held may be
        forgotten.
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
