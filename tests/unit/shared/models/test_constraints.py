"""The grammar as a mask."""

import pytest
import torch

from shared.models.grammar import IllegalToken, LegalTable, Stage, advance
from tests.unit.shared.models.toys import BAR, BARS, BOS, EOS, WORDS_A, WORDS_B, toy_grammar

IN_BAR, AFTER_A = 2, 3


def legal(state: int, stage: Stage) -> set[int]:
    table = LegalTable(toy_grammar(), torch.device("cpu"))
    masked = table.apply(torch.zeros(1, 64), torch.tensor([state]), torch.tensor([stage]))
    return set(masked[0].isfinite().nonzero().flatten().tolist())


def test_a_stage_narrows_what_the_grammar_allows() -> None:
    assert legal(IN_BAR, Stage.OPENING) == set(BARS)
    assert legal(IN_BAR, Stage.WRITING) == {*BARS, *WORDS_A}
    assert legal(IN_BAR, Stage.CLOSING) == {*BARS, *WORDS_A, EOS}


def test_a_stage_allows_nothing_that_the_grammar_forbids() -> None:
    assert legal(AFTER_A, Stage.CLOSING) == set(WORDS_B)


def test_what_is_legal_keeps_its_logit_and_rows_do_not_mix() -> None:
    table = LegalTable(toy_grammar(), torch.device("cpu"))
    logits = torch.randn(2, 64)
    stages = torch.tensor([Stage.WRITING, Stage.WRITING])
    masked = table.apply(logits, torch.tensor([IN_BAR, AFTER_A]), stages)
    assert masked[0, BAR] == logits[0, BAR]
    assert masked[1, BAR] == -torch.inf


def test_an_illegal_token_is_refused() -> None:
    grammar = toy_grammar()
    assert advance(grammar, 0, BOS) == 1
    with pytest.raises(IllegalToken):
        advance(grammar, 0, EOS)
