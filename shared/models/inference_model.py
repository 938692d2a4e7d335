"""The inference interface of every network: slots of state, one sequence in each.

The caller handles slots, token ids and logits; caches and hidden states stay behind the interface.
Every implementation is *batch-invariant*: the bits of the logits after a token do not depend
on the other sequences in the batch, on the slot, or on how the prompt is split.
"""

from typing import Protocol

import torch
from torch import Tensor


class InferenceState(Protocol):
    """The sequences that a model has processed so far, one in each slot."""

    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Process tokens; returns the logits float32 [T, V] after each.

        All arguments are int64 [T] on the CPU: token i is at `positions[i]` of the sequence in
        `slots[i]`. The tokens of one slot are in order and continue what the slot holds; a token at
        position 0 starts a new sequence. If this raises, the contents of these slots are undefined.
        """

    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot, so that the slots in use are contiguous."""


class InferenceModel(Protocol):
    """A network loaded for inference."""

    @property
    def vocab_size(self) -> int:
        """Number of token ids, V."""

    @property
    def context(self) -> int:
        """Number of positions in a slot."""

    @property
    def kernels(self) -> str:
        """Names of the number format and the kernels; equal names mean equal rounding."""

    @property
    def device(self) -> torch.device:
        """The device of the logits."""

    def init_state(self, num_slots: int) -> InferenceState:
        """Empty slots for `num_slots` sequences."""
