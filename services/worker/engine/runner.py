"""One model on its device: takes in prompts, and draws one token for each running piece a step.

Refuses to know who waits, who pays, and what happens to the tokens.
"""

from collections.abc import Sequence

import torch

from shared.models.constraints import Grammar, LegalTable
from shared.models.model import Model
from shared.models.piece import Piece
from shared.models.request import SampleRequest
from shared.models.sampling import Knobs, draw, lean


class Runner:
    """A model with room for `slots` pieces, a row each."""

    def __init__(self, model: Model, grammar: Grammar, slots: int = 64) -> None:
        self.slots = slots
        self.model = model
        self._grammar = grammar
        self._legal = LegalTable(grammar, model.device)
        self._state = model.init_state(slots)

    def begin(self, request: SampleRequest) -> Piece:
        """A piece for this model; ValueError if its head is none or it asks for no bar."""
        return Piece(request, self._grammar, self.model.context)

    def prefill(self, row: int, piece: Piece) -> None:
        """Take in what the model has not seen of a piece's window, all but its last token."""
        piece.prefill(self._state, row)

    def move(self, source: int, target: int) -> None:
        """Let the piece of one row go on in another."""
        self._state.move(source, target)

    @torch.inference_mode()
    def step(self, pieces: Sequence[Piece]) -> list[int]:
        """The next token of each piece, the first being that of row 0; all must be prefilled."""
        tokens = torch.tensor([piece.window[-1] for piece in pieces])
        positions = torch.tensor([len(piece.window) - 1 for piece in pieces])
        states = torch.tensor([piece.state for piece in pieces])
        stages = torch.tensor([piece.stage for piece in pieces])
        counts = torch.tensor([piece.num_tokens for piece in pieces]).to(self.model.device)
        knobs = Knobs.of([piece.request for piece in pieces], self.model.device)
        logits = lean(self._state.step(tokens, positions), [piece.leaning for piece in pieces])
        return draw(self._legal.apply(logits, states, stages), knobs, counts).tolist()
