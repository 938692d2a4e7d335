"""Tests of the infill format: prompts, kept notes, training examples."""

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Metre, Note
from shared.tokenizers import infill
from shared.tokenizers.remi import RemiTokenizer

REMI = RemiTokenizer.without_bpe()
NOTES = [Note(bar * TICKS_PER_BAR, 480, 60 + bar, 80) for bar in range(6)]


def visible_tokens(
    masked: list[int], max_tokens: int = 1000, notes: list[Note] = NOTES, num_bars: int = 6
) -> list[int]:
    """The prompt without BOS and SEP."""
    prompt = infill.encode_prompt(
        REMI, notes, [Metre.FOUR_FOUR] * num_bars, masked, (REMI.bos,), max_tokens
    )
    assert prompt[0] == REMI.bos
    assert prompt[-1] == REMI.sep
    assert prompt.count(REMI.fill) == len(masked)
    return list(prompt[1:-1])


def bar_tokens(bar: int) -> list[int]:
    return REMI.encode([Note(0, 480, 60 + bar, 80)])


def test_each_masked_bar_is_one_fill_token_between_the_others() -> None:
    assert visible_tokens([1, 4]) == [
        *bar_tokens(0),
        REMI.fill,
        *bar_tokens(2),
        *bar_tokens(3),
        REMI.fill,
        *bar_tokens(5),
    ]


@pytest.mark.parametrize("masked", [[0], [5], [0, 1, 2, 3, 4, 5]])
def test_any_bar_may_be_masked(masked: list[int]) -> None:
    expected = [[REMI.fill] if bar in masked else bar_tokens(bar) for bar in range(6)]
    assert visible_tokens(masked) == [token for tokens in expected for token in tokens]


def test_bars_without_notes_are_empty_bars() -> None:
    notes = [NOTES[0], NOTES[3]]
    assert visible_tokens([3], notes=notes, num_bars=5) == [
        *bar_tokens(0),
        REMI.empty_bar(),
        REMI.empty_bar(),
        REMI.fill,
        REMI.empty_bar(),
    ]


def test_a_small_budget_keeps_the_bars_nearest_to_the_masked_one() -> None:
    max_tokens = 3 + 2 * len(bar_tokens(0))
    assert visible_tokens([3], max_tokens) == [*bar_tokens(2), REMI.fill, *bar_tokens(4)]


def test_a_note_that_extends_into_a_masked_bar_is_shortened() -> None:
    long = Note(0, 3 * TICKS_PER_BAR, 40, 80)
    kept = infill.keep_visible([long, *NOTES], [2])
    assert kept == [long._replace(duration=2 * TICKS_PER_BAR), *NOTES[:2], *NOTES[3:]]


def test_a_training_example_continues_the_prompt_with_the_masked_bars() -> None:
    """Serving and training use one format."""
    ids = np.array([REMI.bos, *REMI.encode(NOTES)])
    example = infill.encode_example(ids, REMI, np.array([1, 4])).tolist()
    prompt = infill.encode_prompt(REMI, NOTES, [Metre.FOUR_FOUR] * 6, [1, 4], (REMI.bos,), 1000)
    assert example == [*prompt, *bar_tokens(1), *bar_tokens(4), REMI.eos]


def test_at_most_half_of_the_bars_are_masked_and_often_consecutive_ones() -> None:
    rng = np.random.default_rng(0)
    choices = [infill.choose_masked_bars(rng, 20).tolist() for _ in range(500)]
    for masked in choices:
        assert masked == sorted(set(masked))
        assert 1 <= len(masked) <= 10
        assert 0 <= masked[0] <= masked[-1] < 20
    several = [masked for masked in choices if len(masked) > 3]
    consecutive = [masked for masked in several if masked[-1] - masked[0] == len(masked) - 1]
    assert 0.4 < len(consecutive) / len(several) < 0.6
