"""How a piece is written: what may come, where it ends, and when its context is cut.

The one place for these rules: the naive loop and the engine both follow it, token by token.
Refuses to know logits, how a token is drawn, and whose piece it is.
"""

import torch
from torch import Tensor

from shared.models.grammar import START_STATE, Grammar, Stage, advance, opens_bar
from shared.models.sampling_params import SampleRequest

CHUNK = 64
"""A prompt is taken in by pieces that end at multiples of this."""


class Piece:
    """One piece in the making: exactly `bars` bars after its prompt, and it ends on a bar line.

    The token that would open one bar more, or EOS, ends it and is no part of it. `window` is what
    the model sees: the head and the newest tokens, never more than `context`.
    """

    def __init__(self, request: SampleRequest, grammar: Grammar, context: int) -> None:
        """Take in head and prompt; ValueError if they are none, or if no bar is asked for."""
        if request.bars < 1:
            raise ValueError(f"bars: {request.bars}, but a piece has at least 1")
        if request.head[:1] != (grammar.bos,):
            raise ValueError("head: it must begin with BOS")
        if len(request.head) > context // 2:
            raise ValueError(f"head: {len(request.head)} tokens leave no room in {context}")
        self.request = request
        self.state = advance(grammar, START_STATE, grammar.bos)
        self.window: list[int] = []
        self.num_tokens = 0
        self.finished = False
        self._grammar = grammar
        self._context = context
        self._bars = 0
        self._seen = 0
        for token in request.prompt:
            self.state = advance(grammar, self.state, token)
        self._look_at([*request.head, *request.prompt])
        self._leaning: tuple[int, Tensor] | None = None

    @property
    def stage(self) -> Stage:
        """How far the piece is."""
        if self._bars == 0:
            return Stage.OPENING
        return Stage.WRITING if self._bars < self.request.bars else Stage.CLOSING

    @property
    def leaning(self) -> Tensor | None:
        """float32 [V]: what is added to the next token's logits; None if nothing is.

        A token that opens a bar belongs to that bar already.
        """
        leanings = self.request.leanings
        if not leanings:
            return None
        here, following = (
            leanings[max(self._bars, 1) - 1],
            leanings[min(self._bars, len(leanings) - 1)],
        )
        if here is following or self._grammar.lines[self.state]:
            return following
        if self._leaning is None or self._leaning[0] != self._bars:
            opens = torch.from_numpy(self._grammar.bars > 0)
            self._leaning = (self._bars, torch.where(opens, following, here))
        return self._leaning[1]

    @property
    def unseen(self) -> range:
        """The places in the window whose tokens the model has to take in next; none: all are seen.

        They are part of a prompt, or the token that was written last.
        """
        return range(self._seen, min(len(self.window), self._seen // CHUNK * CHUNK + CHUNK))

    @property
    def is_ready(self) -> bool:
        """Whether the next token can be drawn once the model has taken in what is unseen now."""
        return self.unseen.stop == len(self.window)

    def see(self) -> None:
        """Note that the model has taken in what was unseen."""
        self._seen = self.unseen.stop

    def forget(self) -> None:
        """Note that the model has lost this piece."""
        self._seen = 0

    def accept(self, token: int) -> None:
        """Write the token that was drawn, or finish if it says so."""
        opens = opens_bar(self._grammar, self.state, token)
        self.finished = token == self._grammar.eos or (opens and self._bars == self.request.bars)
        if self.finished:
            return
        self.state = advance(self._grammar, self.state, token)
        self._bars += opens
        self.num_tokens += 1
        self.window.append(token)
        if len(self.window) > self._context:
            self._look_at(self.window)

    def _look_at(self, tokens: list[int]) -> None:
        """Make `tokens`, or the head and the end that fills half of what is left, the window."""
        if len(tokens) > self._context:
            tokens = [*self.request.head, *tokens[self._cut(tokens) :]]
        self.window = tokens
        self._seen = 0

    def _cut(self, tokens: list[int]) -> int:
        """Where the kept end begins: the bar line nearest to half the room back, within a quarter.

        A bar so long that there is none is cut in two.
        """
        room = self._context - len(self.request.head) + 1
        half, quarter = len(tokens) - room // 2, room // 4
        near = range(half - quarter, half + quarter)
        lines = [index for index in near if self._grammar.bars[tokens[index]]]
        return min(lines, key=lambda index: abs(index - half), default=half)
