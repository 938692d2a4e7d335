"""The decoding rules of one sequence: phases, gaps, end, truncated context.

The reference loop and the engine both follow this module, token by token.
"""

import torch
from torch import Tensor

from shared.models.grammar import START_STATE, Grammar, Phase, advance, opens_bar
from shared.models.sampling_params import GapPrompt, GenerationSpec

PREFILL_CHUNK = 64
"""Prefill runs in chunks that end at multiples of this number of tokens."""


class DecodingState:
    """One sequence during generation; exactly `bars` bars are generated after its prompt.

    A token that would open one more bar, or EOS, ends them and is not part of the sequence. So they
    always end where a bar line is legal. If the spec has later gaps, the bars of the next one
    follow after its own prompt; else the sequence has finished.
    `context_window` is the model's input: the prefix and the newest tokens, at most `context`.
    """

    def __init__(self, spec: GenerationSpec, grammar: Grammar, context: int) -> None:
        """Start with the spec's prefix and prompt.

        Raises:
            ValueError: no bar is requested, or the prefix does not start with BOS or is too long.
            IllegalToken: the prompt violates the grammar.
        """
        self.spec = spec
        self.state = START_STATE
        self.context_window: list[int] = []
        self.position = 0
        """Number of sampled tokens, those that ended a gap included; the noise depends on it."""
        self.finished = False
        self._grammar = grammar
        self._context = context
        self._generated: list[int] = []
        self._bars = 0
        self._first_bar = 0
        self._end_bar = 0
        self._num_later = 0
        self._num_computed = 0
        self._pinned_prefix: tuple[int, ...] = ()
        self._transition_bias: tuple[int, Tensor] | None = None
        self._begin(spec.bars, (spec.pinned_prefix, spec.prompt))

    def _begin(self, bars: int, gap_prompt: GapPrompt) -> None:
        """Prepare to generate these bars after this prompt."""
        pinned_prefix, prompt = gap_prompt
        _check(bars, pinned_prefix, self._grammar, self._context)
        self._first_bar, self._end_bar = self._bars, self._bars + bars
        self._pinned_prefix = pinned_prefix
        self._transition_bias = None
        self.state = advance(self._grammar, START_STATE, self._grammar.bos)
        for token in prompt:
            self.state = advance(self._grammar, self.state, token)
        self._set_window([*pinned_prefix, *prompt])

    @property
    def phase(self) -> Phase:
        """How far the generation of the current bars has progressed."""
        if self._bars == self._first_bar:
            return Phase.OPENING
        return Phase.GENERATING if self._bars < self._end_bar else Phase.CLOSING

    @property
    def logit_bias(self) -> Tensor | None:
        """The float32 [V] to add to the next token's logits; None if there is none.

        A token that opens a bar is part of that bar: the next bar's bias applies to it. Behind the
        last bar of a gap there is no next one.
        """
        biases = self.spec.logit_biases
        if not biases:
            return None
        this_bar, next_bar = (
            biases[max(self._bars, 1) - 1],
            biases[min(self._bars, self._end_bar - 1)],
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

    def accept(self, token: int) -> bool:
        """Process a sampled token; returns whether it is part of the sequence."""
        self.position += 1
        opens = opens_bar(self._grammar, self.state, token)
        if token == self._grammar.eos or (opens and self._bars == self._end_bar):
            self._end_gap()
            return False
        self.state = advance(self._grammar, self.state, token)
        self._bars += opens
        self._generated.append(token)
        self.context_window.append(token)
        if len(self.context_window) > self._context:
            self._set_window(self.context_window)
        return True

    def _end_gap(self) -> None:
        """Go on with the next gap, or finish."""
        if self._num_later == len(self.spec.later_gaps):
            self.finished = True
            return
        gap = self.spec.later_gaps[self._num_later]
        self._num_later += 1
        self._begin(gap.bars, gap.prompt(self._generated))

    def _set_window(self, tokens: list[int]) -> None:
        """Set the context window; if it is too long, keep the prefix and about half of the rest."""
        if len(tokens) > self._context:
            tokens = [*self._pinned_prefix, *tokens[self._truncation_point(tokens) :]]
        self.context_window = tokens
        self._num_computed = 0

    def _truncation_point(self, tokens: list[int]) -> int:
        """The index of the first token after the prefix that is kept.

        It is the bar line that keeps nearest to half of the capacity, but not less than a quarter
        or more than three quarters. If there is none, a bar is cut, and half is kept.
        """
        capacity = self._context - len(self._pinned_prefix) + 1
        half, quarter = len(tokens) - capacity // 2, capacity // 4
        near = range(half - quarter, half + quarter)
        lines = [index for index in near if self._grammar.opens_bar[tokens[index]]]
        return min(lines, key=lambda index: abs(index - half), default=half)


def _check(bars: int, pinned_prefix: tuple[int, ...], grammar: Grammar, context: int) -> None:
    if bars < 1:
        raise ValueError(f"bars: {bars}, but a sequence has at least 1")
    if pinned_prefix[:1] != (grammar.bos,):
        raise ValueError("pinned_prefix: it must begin with BOS")
    if len(pinned_prefix) > context // 2:
        raise ValueError(
            f"pinned_prefix: {len(pinned_prefix)} tokens, but at most {context // 2} fit"
        )
