"""Checks on this machine that a loaded model is batch-invariant.

The kernel behind a matrix product is chosen by processor, library version and shape, so the
property has to be tested on the machine that serves the model.
"""

import torch
from torch import Tensor

from shared.models.inference_model import InferenceModel, InferenceState

SEQUENCE_LENGTHS = (70, 9, 1, 33, 64)
"""Numbers of tokens of the tested sequences, which are truncated to the context."""


def is_batch_invariant(model: InferenceModel) -> bool:
    """Whether one batch of sequences has the same bits as each sequence token by token."""
    generator = torch.Generator().manual_seed(0)
    sequences = [
        torch.randint(0, model.vocab_size, (min(length, model.context),), generator=generator)
        for length in SEQUENCE_LENGTHS
    ]
    state = model.init_state(len(sequences))
    slots = torch.cat([torch.full_like(tokens, slot) for slot, tokens in enumerate(sequences)])
    positions = torch.cat([torch.arange(len(tokens)) for tokens in sequences])
    batched = state.forward(slots, torch.cat(sequences), positions)
    separate = [_token_by_token(model.init_state(1), tokens) for tokens in sequences]
    return torch.equal(batched, torch.cat(separate))


def _token_by_token(state: InferenceState, tokens: Tensor) -> Tensor:
    """The logits [T, V] after each token."""
    slot = torch.zeros(1, dtype=torch.int64)
    steps = enumerate(torch.split(tokens, 1))
    return torch.cat([state.forward(slot, token, slot + position) for position, token in steps])
