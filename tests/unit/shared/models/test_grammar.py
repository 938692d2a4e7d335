"""Tests of the grammar mask."""

import pytest
import torch

from shared.models.grammar import GrammarMask, IllegalToken, Phase, advance
from tests.unit.shared.models.tiny_models import BAR, BARS, BOS, EOS, WORDS_A, WORDS_B, tiny_grammar

IN_BAR, AFTER_A = 2, 3


def legal(state: int, phase: Phase) -> set[int]:
    mask = GrammarMask(tiny_grammar(), torch.device("cpu"))
    masked = mask.apply(torch.zeros(1, 64), torch.tensor([state]), torch.tensor([phase]))
    return set(masked[0].isfinite().nonzero().flatten().tolist())


def test_a_phase_restricts_what_the_grammar_allows() -> None:
    assert legal(IN_BAR, Phase.OPENING) == set(BARS)
    assert legal(IN_BAR, Phase.GENERATING) == {*BARS, *WORDS_A}
    assert legal(IN_BAR, Phase.CLOSING) == {*BARS, *WORDS_A, EOS}


def test_a_phase_allows_nothing_that_the_grammar_forbids() -> None:
    assert legal(AFTER_A, Phase.CLOSING) == set(WORDS_B)


def test_legal_tokens_keep_their_logits_and_rows_are_independent() -> None:
    mask = GrammarMask(tiny_grammar(), torch.device("cpu"))
    logits = torch.randn(2, 64)
    phases = torch.tensor([Phase.GENERATING, Phase.GENERATING])
    masked = mask.apply(logits, torch.tensor([IN_BAR, AFTER_A]), phases)
    assert masked[0, BAR] == logits[0, BAR]
    assert masked[1, BAR] == -torch.inf


def test_an_illegal_token_is_rejected() -> None:
    grammar = tiny_grammar()
    assert advance(grammar, 0, BOS) == 1
    with pytest.raises(IllegalToken):
        advance(grammar, 0, EOS)
