"""The decoding rules of one sequence: phases, end, truncation of the context.

The reference loop and the engine both follow this module, token by token.
"""

import torch
from torch import Tensor

from shared.models.grammar import START_STATE, Grammar, Phase, advance, opens_bar
from shared.models.sampling_params import GenerationSpec

PREFILL_CHUNK = 64
"""Prefill runs in chunks that end at multiples of this number of tokens."""


class DecodingState:
    """One sequence during generation; exactly `bars` bars are generated after its prompt.

    A token that would open one more bar, or EOS, ends the sequence and is not part of it. So a
    sequence always ends where a bar line is legal.
    `context_window` is the model's input: the prefix and the newest tokens, at most `context`.
    """

    def __init__(self, spec: GenerationSpec, grammar: Grammar, context: int) -> None:
        """Start with the spec's prefix and prompt.

        Raises:
            ValueError: no bar is requested, or the prefix does not start with BOS or is too long.
            IllegalToken: the prompt violates the grammar.
        """
        if spec.bars < 1:
            raise ValueError(f"bars: {spec.bars}, but a sequence has at least 1")
        if spec.pinned_prefix[:1] != (grammar.bos,):
            raise ValueError("pinned_prefix: it must begin with BOS")
        if len(spec.pinned_prefix) > context // 2:
            raise ValueError(
                f"pinned_prefix: {len(spec.pinned_prefix)} tokens, but at most {context // 2} fit"
            )
        self.spec = spec
        self.state = advance(grammar, START_STATE, grammar.bos)
        self.context_window: list[int] = []
        self.num_tokens = 0
        self.finished = False
        self._grammar = grammar
        self._context = context
        self._bars = 0
        self._num_computed = 0
        for token in spec.prompt:
            self.state = advance(grammar, self.state, token)
        self._set_window([*spec.pinned_prefix, *spec.prompt])
        self._transition_bias: tuple[int, Tensor] | None = None

    @property
    def phase(self) -> Phase:
        """How far the generation has progressed."""
        if self._bars == 0:
            return Phase.OPENING
        return Phase.GENERATING if self._bars < self.spec.bars else Phase.CLOSING

    @property
    def logit_bias(self) -> Tensor | None:
        """The float32 [V] to add to the next token's logits; None if there is none.

        A token that opens a bar is part of that bar: the next bar's bias applies to it.
        """
        biases = self.spec.logit_biases
        if not biases:
            return None
        this_bar, next_bar = (
            biases[max(self._bars, 1) - 1],
            biases[min(self._bars, len(biases) - 1)],
        )
        if this_bar is next_bar or self._grammar.at_bar_line[self.state]:
            return next_bar
        if self._transition_bias is None or self._transition_bias[0] != self._bars:
            opens = torch.from_numpy(self._grammar.opens_bar)
            self._transition_bias = (self._bars, torch.where(opens, next_bar, this_bar))
        return self._transition_bias[1]

    @property
    def pending(self) -> range:
        """The indices in `context_window` of the tokens that the model has to compute next.

        They are a chunk of the prefill, or the newest sampled token; empty if all are computed.
        """
        start = self._num_computed
        chunk_end = start // PREFILL_CHUNK * PREFILL_CHUNK + PREFILL_CHUNK
        return range(start, min(len(self.context_window), chunk_end))

    @property
    def is_last_chunk(self) -> bool:
        """Whether the next token can be sampled once the pending tokens are computed."""
        return self.pending.stop == len(self.context_window)

    def mark_computed(self) -> None:
        """Record that the model has computed the pending tokens."""
        self._num_computed = self.pending.stop

    def invalidate(self) -> None:
        """Record that the model's state of this sequence is lost, so prefill has to start again."""
        self._num_computed = 0

    def accept(self, token: int) -> None:
        """Append a sampled token, or finish if it ends the sequence."""
        opens = opens_bar(self._grammar, self.state, token)
        self.finished = token == self._grammar.eos or (opens and self._bars == self.spec.bars)
        if self.finished:
            return
        self.state = advance(self._grammar, self.state, token)
        self._bars += opens
        self.num_tokens += 1
        self.context_window.append(token)
        if len(self.context_window) > self._context:
            self._set_window(self.context_window)

    def _set_window(self, tokens: list[int]) -> None:
        """Set the context window; if it is too long, keep the prefix and about half of the rest."""
        if len(tokens) > self._context:
            tokens = [*self.spec.pinned_prefix, *tokens[self._truncation_point(tokens) :]]
        self.context_window = tokens
        self._num_computed = 0

    def _truncation_point(self, tokens: list[int]) -> int:
        """The index of the first token after the prefix that is kept.

        It is the bar line that keeps nearest to half of the capacity, but not less than a quarter
        or more than three quarters. If there is none, a bar is cut, and half is kept.
        """
        capacity = self._context - len(self.spec.pinned_prefix) + 1
        half, quarter = len(tokens) - capacity // 2, capacity // 4
        near = range(half - quarter, half + quarter)
        lines = [index for index in near if self._grammar.opens_bar[tokens[index]]]
        return min(lines, key=lambda index: abs(index - half), default=half)
