"""The naive loop: one piece, one token at a time. It is slow, and it is right.

The engine must write what this writes, token for token. Refuses to batch.
"""

from collections.abc import Iterator

import torch

from shared.models.decoding import Piece
from shared.models.grammar import Grammar, LegalTable
from shared.models.inference_model import Model, State
from shared.models.knobs import Knobs
from shared.models.sampling import draw, lean
from shared.models.sampling_params import SampleRequest


def generate(model: Model, grammar: Grammar, request: SampleRequest) -> Iterator[int]:
    """Write one piece: its tokens, without the prompt and without the one that ends it."""
    piece = Piece(request, grammar, model.context)
    legal = LegalTable(grammar, model.device)
    knobs = Knobs.of([request], model.device)
    state = model.init_state(1)
    while True:
        logits = _look(state, piece)
        logits = legal.apply(lean(logits, [piece.leaning]), _one(piece.state), _one(piece.stage))
        token = int(draw(logits, knobs, _one(piece.num_tokens).to(model.device)))
        piece.accept(token)
        if piece.finished:
            return
        yield token


def _look(state: State, piece: Piece) -> torch.Tensor:
    """Logits [1, V] of what follows the piece, once the model has taken in all of its window."""
    while True:
        places, ready = piece.unseen, piece.is_ready
        tokens = torch.tensor(piece.window[places.start : places.stop])
        logits = state.extend(torch.zeros_like(tokens), tokens, torch.tensor(places))
        piece.see()
        if ready:
            return logits[-1:]


def _one(value: int) -> torch.Tensor:
    return torch.tensor([value])
