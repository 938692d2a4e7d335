"""How a piece is written: what may come, where it ends, and when its context is cut.

The one place for these rules: the naive loop and the engine both follow it, token by token.
Refuses to know logits, how a token is drawn, and whose piece it is.
"""

from shared.models.constraints import START_STATE, Grammar, Stage, advance, opens_bar
from shared.models.model import State
from shared.models.request import SampleRequest


class Piece:
    """One piece in the making: exactly `bars` bars after its prompt, and it ends on a bar line.

    The token that would open one bar more, or EOS, ends it and is no part of it. `window` is what
    the model sees: BOS and the newest tokens, never more than `context`.
    """

    def __init__(self, request: SampleRequest, grammar: Grammar, context: int) -> None:
        """Take in the prompt; ValueError if it is not one, or if no bar is asked for."""
        if request.bars < 1:
            raise ValueError(f"bars: {request.bars}, but a piece has at least 1")
        if not request.prompt or request.prompt[0] != grammar.bos:
            raise ValueError("prompt: it must begin with BOS")
        self.request = request
        self.state = START_STATE
        self.window: list[int] = []
        self.num_tokens = 0
        self.finished = False
        self._grammar = grammar
        self._context = context
        self._bars = 0
        self._unseen = True
        for token in request.prompt:
            self.state = advance(grammar, self.state, token)
        self._look_at(list(request.prompt))

    @property
    def stage(self) -> Stage:
        """How far the piece is."""
        if self._bars == 0:
            return Stage.OPENING
        return Stage.WRITING if self._bars < self.request.bars else Stage.CLOSING

    def prefill(self, state: State, row: int) -> None:
        """Let a model that has not seen this window take in all but its last token."""
        if self._unseen:
            state.prefill(row, self.window[:-1])
            self._unseen = False

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
        """Make `tokens`, or BOS and about half a context of their end, the window."""
        if len(tokens) > self._context:
            tokens = [tokens[0], *tokens[self._cut(tokens) :]]
        self.window = tokens
        self._unseen = True

    def _cut(self, tokens: list[int]) -> int:
        """Where the kept end begins: the bar line nearest to half a context back, within a quarter.

        A bar so long that there is none is cut in two.
        """
        half, quarter = len(tokens) - self._context // 2, self._context // 4
        near = range(half - quarter, half + quarter)
        lines = [index for index in near if self._grammar.bars[tokens[index]]]
        return min(lines, key=lambda index: abs(index - half), default=half)
