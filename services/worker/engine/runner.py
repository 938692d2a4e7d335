"""One model on its device: takes in prompts, and draws one token for each running piece a step.

Refuses to know who waits, who pays, and what happens to the tokens.
"""

from collections.abc import Mapping

import torch

from shared.models.constraints import Grammar, LegalTable
from shared.models.model import Model
from shared.models.piece import Piece
from shared.models.request import SampleRequest
from shared.models.sampling import Knobs, draw


class Runner:
    """A model with room for `slots` pieces; slot r is row r of its state."""

    def __init__(self, model: Model, grammar: Grammar, slots: int = 64) -> None:
        self.slots = slots
        self._model = model
        self._grammar = grammar
        self._legal = LegalTable(grammar, model.device)
        self._state = model.init_state(slots)

    def begin(self, request: SampleRequest) -> Piece:
        """A piece for this model; ValueError if its prompt is none or it asks for no bar."""
        return Piece(request, self._grammar, self._model.context)

    def prefill(self, slot: int, piece: Piece) -> None:
        """Take in what the model has not seen of a piece's window, all but its last token."""
        piece.prefill(self._state, slot)

    @torch.inference_mode()
    def step(self, pieces: Mapping[int, Piece]) -> dict[int, int]:
        """The next token of each piece, by slot; all must be prefilled.

        Rows between them that hold nothing ride along and are dropped before the draw.
        """
        tokens, positions = torch.zeros((2, max(pieces) + 1), dtype=torch.int64)
        slots = torch.tensor(list(pieces))
        tokens[slots] = _column([piece.window[-1] for piece in pieces.values()])
        positions[slots] = _column([len(piece.window) - 1 for piece in pieces.values()])
        logits = self._state.step(tokens, positions)[slots]
        states = _column([piece.state for piece in pieces.values()])
        stages = _column([piece.stage for piece in pieces.values()])
        counts = _column([piece.num_tokens for piece in pieces.values()]).to(self._model.device)
        knobs = Knobs.of([piece.request for piece in pieces.values()], self._model.device)
        drawn = draw(self._legal.apply(logits, states, stages), knobs, counts)
        return dict(zip(pieces, drawn.tolist(), strict=True))


def _column(values: list[int]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.int64)
