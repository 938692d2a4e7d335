"""Tests of the infill format: gaps, prompts, their context, training examples."""

from collections import Counter

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Metre, Note
from shared.tokenizers import infill
from shared.tokenizers.remi import RemiTokenizer

REMI = RemiTokenizer.without_bpe()
NOTES = [Note(bar * TICKS_PER_BAR, 480, 60 + bar, 80) for bar in range(6)]
UNLIMITED = 1000


def gaps(
    masked: list[int],
    max_tokens: int = UNLIMITED,
    notes: list[Note] = NOTES,
    num_bars: int = 6,
) -> list[infill.InfillGap]:
    metres = [Metre.FOUR_FOUR] * num_bars
    return infill.encode_gaps(REMI, notes, metres, masked, (REMI.bos,), max_tokens)


def bar_tokens(*bars: int) -> list[int]:
    return [token for bar in bars for token in REMI.encode([Note(0, 480, 60 + bar, 80)])]


def prompt_of(gap: infill.InfillGap, generated: tuple[int, ...] = ()) -> list[int]:
    """The whole model input."""
    pinned_prefix, prompt = gap.prompt(generated)
    return [*pinned_prefix, *prompt]


def test_the_bars_after_a_gap_precede_those_before_it() -> None:
    [gap] = gaps([2, 3])
    assert gap.bars == 2
    pinned_prefix, prompt = gap.prompt()
    assert list(pinned_prefix) == [REMI.bos, *bar_tokens(4, 5), REMI.fill]
    assert list(prompt) == bar_tokens(0, 1)


def test_a_gap_at_the_end_is_a_plain_continuation() -> None:
    [gap] = gaps([4, 5])
    assert gap.prompt() == ((REMI.bos,), tuple(bar_tokens(0, 1, 2, 3)))


def test_any_bar_may_be_masked() -> None:
    [first] = gaps([0])
    assert prompt_of(first) == [REMI.bos, *bar_tokens(1, 2, 3, 4, 5), REMI.fill]
    [everything] = gaps([0, 1, 2, 3, 4, 5])
    assert (everything.bars, prompt_of(everything)) == (6, [REMI.bos])


def test_a_gap_sees_the_bars_generated_for_earlier_ones_and_no_masked_bar() -> None:
    first, second = gaps([1, 4])
    assert prompt_of(first) == [REMI.bos, *bar_tokens(2, 3, 5), REMI.fill, *bar_tokens(0)]
    generated = bar_tokens(20)
    assert prompt_of(second, tuple(generated)) == [
        *(REMI.bos, *bar_tokens(5), REMI.fill),
        *(*bar_tokens(0), *generated, *bar_tokens(2, 3)),
    ]


def test_several_generated_bars_are_put_at_their_places() -> None:
    *_, last = gaps([0, 1, 3, 5])
    generated = (*bar_tokens(20, 21), *bar_tokens(23))
    expected = [*bar_tokens(20, 21), *bar_tokens(2), *bar_tokens(23), *bar_tokens(4)]
    assert prompt_of(last, generated) == [REMI.bos, *expected]


def test_bars_without_notes_are_empty_bars() -> None:
    [gap] = gaps([3], notes=[NOTES[0], NOTES[3]], num_bars=5)
    empty = REMI.empty_bar()
    assert prompt_of(gap) == [REMI.bos, empty, REMI.fill, *bar_tokens(0), empty, empty]


def test_a_prompt_has_the_nearest_bars_and_never_more_than_the_limit() -> None:
    per_bar = len(bar_tokens(0))
    [gap] = gaps([3], 2 + 2 * per_bar)
    assert prompt_of(gap) == [REMI.bos, *bar_tokens(4), REMI.fill, *bar_tokens(2)]
    for limit in range(2, 50):
        assert len(prompt_of(gaps([3], limit)[0])) <= limit


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([10] * 9, [10] * 9, (5, 5)),
        ([10] * 2, [10] * 9, (2, 8)),
        ([10] * 9, [10] * 2, (8, 2)),
        ([10] * 9, [], (9, 0)),
        ([], [30, 30, 30, 30], (0, 3)),
        ([10] * 9, [60, 60], (4, 1)),
        ([60, 10], [40, 10], (1, 1)),
        ([101, 10], [10] * 20, (0, 10)),
        ([], [], (0, 0)),
    ],
)
def test_both_sides_have_bars_as_near_and_one_what_the_other_leaves(
    before: list[int], after: list[int], expected: tuple[int, int]
) -> None:
    assert infill.fit_context(before, after, 100) == expected


def test_a_note_that_extends_into_a_gap_is_context_as_it_is() -> None:
    """It keeps sounding in the file, too."""
    long = Note(0, 3 * TICKS_PER_BAR, 40, 80)
    kept = infill.remove_masked([long, *NOTES], [2])
    assert kept == [long, *NOTES[:2], *NOTES[3:]]
    assert infill.remove_masked([long, *NOTES], [0]) == NOTES[1:]


def test_a_training_example_continues_the_prompt_with_the_masked_bars() -> None:
    """Serving and training use one format."""
    _, bars = infill.split_bars(np.array(REMI.encode(NOTES)), REMI)
    example = infill.encode_example(np.array([REMI.bos]), bars, range(2, 4), REMI).tolist()
    assert example == [*prompt_of(gaps([2, 3])[0]), *bar_tokens(2, 3), REMI.eos]


@pytest.mark.parametrize("num_bars", [3, 4, 5, 20])
def test_gaps_of_examples_are_short_mostly_and_have_a_bar_after_them(num_bars: int) -> None:
    rng = np.random.default_rng(0)
    choices = [infill.choose_gap(rng, num_bars) for _ in range(2000)]
    assert all(0 <= gap.start < gap.stop < num_bars for gap in choices)
    assert {gap.start for gap in choices} >= {0, 1}
    counts = Counter(len(gap) for gap in choices)
    assert set(counts) == set(range(1, num_bars // 2 + 1))
    if num_bars == 20:
        assert 0.48 < counts[1] / 2000 < 0.58
        assert 0.23 < counts[2] / 2000 < 0.33
        assert min(counts.values()) > 20
