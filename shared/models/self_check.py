"""Whether the machine at hand keeps a model's promise: the same bits in whatever company.

The kernels behind a product are chosen by processor, version and shape, so it is tried where it has
to hold. Refuses to know what to do about it.
"""

import torch
from torch import Tensor

from shared.models.inference_model import Model, State

LENGTHS = (70, 9, 1, 33, 64)
"""Tokens of the sequences that are tried, cut to the context."""


def is_row_invariant(model: Model) -> bool:
    """Whether sequences say the same alone, a token at a time, and all together at once."""
    generator = torch.Generator().manual_seed(0)
    sequences = [
        torch.randint(0, model.vocab_size, (min(length, model.context),), generator=generator)
        for length in LENGTHS
    ]
    together = model.init_state(len(sequences))
    rows = torch.cat([torch.full_like(tokens, row) for row, tokens in enumerate(sequences)])
    positions = torch.cat([torch.arange(len(tokens)) for tokens in sequences])
    said = together.extend(rows, torch.cat(sequences), positions)
    alone = [_one_by_one(model.init_state(1), tokens) for tokens in sequences]
    return torch.equal(said, torch.cat(alone))


def _one_by_one(state: State, tokens: Tensor) -> Tensor:
    """Logits [T, V] of what follows each token."""
    row = torch.zeros(1, dtype=torch.int64)
    steps = enumerate(torch.split(tokens, 1))
    return torch.cat([state.extend(row, token, row + position) for position, token in steps])
