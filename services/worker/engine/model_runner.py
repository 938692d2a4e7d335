"""One model on its device: lets pieces take in what they have not seen, and draws what follows.

A step is one pass of the network over a token of each piece that is being written, and over chunks
of the prompts of those that are not yet. Refuses to know who waits, who pays, and what happens to
the tokens.
"""

from collections.abc import Sequence

import torch

from shared.models.decoding import CHUNK, Piece
from shared.models.grammar import Grammar, LegalTable
from shared.models.inference_model import Model
from shared.models.knobs import Knobs
from shared.models.sampling import draw, lean
from shared.models.sampling_params import SampleRequest

PROMPT_TOKENS = 2 * CHUNK
"""Of all pieces that a step takes in, so that nobody's next token waits for long."""

Placed = tuple[int, Piece]
"""A piece and its row."""


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

    def move(self, source: int, target: int) -> None:
        """Let the piece of one row go on in another."""
        self._state.move(source, target)

    @torch.inference_mode()
    def step(self, placed: Sequence[Placed]) -> list[int | None]:
        """The next token of each piece; None for one whose prompt is not taken in yet."""
        looking = _within_budget(placed)
        logits = self._look(looking)
        ready = [index for index, (_, piece) in enumerate(looking) if piece.is_ready]
        tokens = self._draw(logits[ready], [looking[index][1] for index in ready]) if ready else []
        drawn = {looking[index][0]: token for index, token in zip(ready, tokens, strict=True)}
        for _, piece in looking:
            piece.see()
        return [drawn.get(row) for row, _ in placed]

    def _look(self, placed: Sequence[Placed]) -> torch.Tensor:
        """Logits [B, V] of what follows the newest token that each piece shows the model."""
        rows: list[int] = []
        tokens: list[int] = []
        positions: list[int] = []
        newest = []
        for row, piece in placed:
            places = piece.unseen
            rows += [row] * len(places)
            tokens += piece.window[places.start : places.stop]
            positions += places
            newest.append(len(rows) - 1)
        columns = (torch.tensor(column) for column in (rows, tokens, positions))
        logits = self._state.extend(*columns)
        return logits if len(newest) == len(rows) else logits[newest]

    def _draw(self, logits: torch.Tensor, pieces: Sequence[Piece]) -> list[int]:
        states = torch.tensor([piece.state for piece in pieces])
        stages = torch.tensor([piece.stage for piece in pieces])
        counts = torch.tensor([piece.num_tokens for piece in pieces]).to(self.model.device)
        knobs = Knobs.of([piece.request for piece in pieces], self.model.device)
        legal = self._legal.apply(lean(logits, [p.leaning for p in pieces]), states, stages)
        return draw(legal, knobs, counts).tolist()


def _within_budget(placed: Sequence[Placed]) -> list[Placed]:
    """Everybody with one token, and prompts, first come first served, while there is room."""
    room, within = PROMPT_TOKENS, []
    for row, piece in placed:
        length = len(piece.unseen)
        if length == 1 or length <= room:
            within.append((row, piece))
            room -= length if length > 1 else 0
    return within
