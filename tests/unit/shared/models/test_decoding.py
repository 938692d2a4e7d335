"""Tests of the decoding rules: bars, end, context window, logit bias."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from shared.models.decoding import PREFILL_CHUNK, DecodingState
from shared.models.grammar import IllegalToken, Phase
from shared.models.sampling_params import GenerationSpec
from tests.unit.shared.models.tiny_models import (
    BAR,
    BOS,
    CONTEXT,
    EOS,
    WORDS_A,
    WORDS_B,
    tiny_grammar,
)

A, B, C = WORDS_A[0], WORDS_B[0], WORDS_A[1]
SPEC = GenerationSpec(pinned_prefix=(BOS,), bars=2, seed=0)


def start(spec: GenerationSpec = SPEC) -> DecodingState:
    return DecodingState(spec, tiny_grammar(), CONTEXT)


def accept(sequence: DecodingState, *tokens: int) -> bool:
    """Accept tokens; returns whether the sequence is finished."""
    for token in tokens:
        sequence.accept(token)
    return sequence.finished


def test_the_phase_advances_when_the_first_and_the_last_bar_open() -> None:
    sequence = start()
    phases = [sequence.phase]
    for token in (BAR, A, B, BAR):
        accept(sequence, token)
        phases.append(sequence.phase)
    assert phases == [Phase.OPENING, *[Phase.GENERATING] * 3, Phase.CLOSING]


@pytest.mark.parametrize("end", [EOS, BAR, BAR + 1])
def test_eos_or_a_bar_too_many_ends_a_sequence_and_is_not_part_of_it(end: int) -> None:
    sequence = start()
    finished = [accept(sequence, BAR, A, B, BAR), accept(sequence, end)]
    assert finished == [False, True]
    assert sequence.context_window == [BOS, BAR, A, B, BAR]
    assert sequence.position == 5


def test_bars_of_the_prompt_do_not_count() -> None:
    sequence = start(replace(SPEC, prompt=(BAR, A, B, BAR, A, B), bars=1))
    phases = [sequence.phase]
    accept(sequence, BAR)
    assert [*phases, sequence.phase] == [Phase.OPENING, Phase.CLOSING]
    assert sequence.position == 1


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (replace(SPEC, bars=0), "bars"),
        (replace(SPEC, pinned_prefix=()), "BOS"),
        (replace(SPEC, pinned_prefix=(BAR, A)), "BOS"),
        (replace(SPEC, pinned_prefix=(BOS, *[BAR] * 500)), "at most 32 fit"),
    ],
)
def test_an_invalid_spec_is_rejected(spec: GenerationSpec, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        start(spec)


def test_an_illegal_prompt_is_rejected() -> None:
    with pytest.raises(IllegalToken):
        start(replace(SPEC, prompt=(BAR, B)))


def test_prefill_chunks_end_at_multiples_of_their_length() -> None:
    sequence = start(replace(SPEC, prompt=tuple(bars_of(*[9] * 7))))
    sequence._context = 10 * PREFILL_CHUNK  # no truncation
    chunks = []
    while len(sequence.pending):
        chunks.append((sequence.pending, sequence.is_last_chunk))
        sequence.mark_computed()
    assert chunks == [(range(PREFILL_CHUNK), True)], "64 tokens: BOS and seven bars of nine"
    last = range(PREFILL_CHUNK, PREFILL_CHUNK + 1)
    accept(sequence, BAR)
    assert (sequence.pending, sequence.is_last_chunk) == (last, True)
    sequence.invalidate()
    assert (sequence.pending, sequence.is_last_chunk) == (range(PREFILL_CHUNK), False)
    sequence.mark_computed()
    assert (sequence.pending, sequence.is_last_chunk) == (last, True)


def bars_of(*lengths: int) -> list[int]:
    """Bars of these numbers of tokens, which are odd: a bar line and pairs of words."""
    return [token for length in lengths for token in (BAR, *(A, B) * (length // 2))]


def truncated(*lengths: int) -> DecodingState:
    """A sequence whose context window was full and has just been truncated."""
    sequence = start(replace(SPEC, bars=100))
    tokens = bars_of(*lengths)
    assert len(tokens) == CONTEXT, "with BOS one more than the context"
    sequence.mark_computed()
    accept(sequence, *tokens)
    assert sequence.pending.start == 0, "a new window is prefilled again"
    return sequence


def test_a_full_window_is_truncated_at_the_bar_line_nearest_to_half() -> None:
    sequence = truncated(21, 9, 21, 13)
    assert sequence.context_window == [BOS, *bars_of(21, 13)]
    assert sequence.position == CONTEXT


def test_a_bar_that_is_too_long_is_truncated_in_the_middle() -> None:
    sequence = truncated(3, 61)
    assert len(sequence.context_window) == CONTEXT // 2 + 1
    assert sequence.context_window == [BOS, *bars_of(3, 61)[-CONTEXT // 2 :]]


def test_a_bar_line_too_near_the_end_is_not_used() -> None:
    sequence = truncated(61, 3)
    assert len(sequence.context_window) == CONTEXT // 2 + 1


def test_a_prompt_longer_than_the_context_is_truncated_at_a_bar_line() -> None:
    prompt = tuple(bars_of(*[9] * 30))
    sequence = start(replace(SPEC, prompt=prompt))
    assert CONTEXT // 4 <= len(sequence.context_window) <= CONTEXT
    assert sequence.context_window[:2] == [BOS, BAR]
    assert sequence.context_window[1:] == list(prompt[-len(sequence.context_window) + 1 :])


def test_the_bar_of_the_next_token_determines_its_logit_bias() -> None:
    first, second = torch.full((64,), 1.0), torch.full((64,), 2.0)
    sequence = start(replace(SPEC, logit_biases=(first, second)))
    assert sequence.logit_bias is first, "every legal token opens the first bar"
    accept(sequence, BAR, A)
    bias = sequence.logit_bias
    assert bias is not None
    assert sequence.logit_bias is bias, "computed once for each bar"
    assert [float(bias[token]) for token in (A, B, EOS, BAR, BAR + 1)] == [1, 1, 1, 2, 2]
    accept(sequence, B, BAR)
    assert sequence.logit_bias is second
    assert start().logit_bias is None


def test_truncation_keeps_the_prefix() -> None:
    prefix = (BOS, *[EOS] * 9)
    sequence = start(replace(SPEC, pinned_prefix=prefix, bars=60))
    for _ in range(30):
        accept(sequence, BAR, A, B)
        assert sequence.context_window[: len(prefix)] == list(prefix)
        assert len(sequence.context_window) <= CONTEXT
        assert sequence.context_window[len(prefix)] in (BAR, A, B)
    assert sequence.position == 90


class Continuation:
    """A gap whose prompt names the number of the tokens that were generated before it."""

    def __init__(self, bars: int) -> None:
        self.bars = bars

    def prompt(self, generated: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The generated tokens behind a bar of its own, which is pinned."""
        return (BOS, BAR + 1, EOS), (BAR, C, B, *generated)


IN_TWO_GAPS = replace(SPEC, bars=1, later_gaps=(Continuation(2),))


@pytest.mark.parametrize("end", [EOS, BAR])
def test_the_next_gap_begins_with_its_own_prompt(end: int) -> None:
    sequence = start(IN_TWO_GAPS)
    assert [sequence.accept(token) for token in (BAR, A, B, end)] == [True, True, True, False]
    assert not sequence.finished
    assert sequence.context_window == [BOS, BAR + 1, EOS, BAR, C, B, BAR, A, B]
    assert sequence.pending.start == 0, "its prompt is prefilled"
    assert sequence.phase is Phase.OPENING
    assert not accept(sequence, BAR, BAR, A, B)
    assert accept(sequence, end)


def test_no_two_tokens_of_a_sequence_have_the_same_noise() -> None:
    sequence, positions = start(IN_TWO_GAPS), []
    for token in (BAR, A, B, BAR, BAR, BAR, A, B, BAR):
        positions.append(sequence.position)
        sequence.accept(token)
    assert sequence.finished
    assert positions == list(range(9))


def test_the_token_that_ends_a_gap_has_the_bias_of_its_last_bar() -> None:
    biases = tuple(torch.full((64,), float(bar)) for bar in range(3))
    sequence = start(replace(IN_TWO_GAPS, logit_biases=biases))
    assert sequence.logit_bias is biases[0]
    accept(sequence, BAR, A, B)
    assert sequence.logit_bias is biases[0]
    accept(sequence, BAR)
    opening = sequence.logit_bias
    assert opening is not None
    assert opening[BAR] == 1
    accept(sequence, BAR)
    assert [float(sequence.logit_bias[token]) for token in (A, BAR)] == [1, 2]
    accept(sequence, A, B, BAR)
    assert sequence.logit_bias is biases[2]


def test_truncation_in_a_later_gap_keeps_its_prefix() -> None:
    sequence = start(replace(IN_TWO_GAPS, later_gaps=(Continuation(60),)))
    accept(sequence, BAR, A, B, EOS)
    for _ in range(30):
        accept(sequence, BAR, A, B)
        assert sequence.context_window[:3] == [BOS, BAR + 1, EOS]
        assert len(sequence.context_window) <= CONTEXT


def test_a_later_gap_with_too_long_a_prefix_is_rejected() -> None:
    class TooLong(Continuation):
        def prompt(self, generated: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
            return (BOS, *[EOS] * CONTEXT), tuple(generated)

    sequence = start(replace(IN_TWO_GAPS, later_gaps=(TooLong(1),)))
    with pytest.raises(ValueError, match="at most 32 fit"):
        accept(sequence, BAR, A, B, EOS)
