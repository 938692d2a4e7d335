"""The naive loop on a random network: what it writes is a piece, and the same each time."""

from dataclasses import replace

import pytest

from shared.models.generate import generate
from shared.models.grammar import START_STATE, advance
from shared.models.inference_model import Model
from shared.models.sampling_params import SampleRequest
from tests.unit.shared.models.toys import (
    BAR,
    BOS,
    CONTEXT,
    WORDS_A,
    WORDS_B,
    toy_grammar,
    toy_model,
)

GRAMMAR = toy_grammar()
REQUEST = SampleRequest(head=(BOS,), bars=4, seed=11, temperature=1.0, min_p=0.02)


@pytest.fixture(scope="module")
def model() -> Model:
    return toy_model()


def write(model: Model, request: SampleRequest = REQUEST) -> list[int]:
    return list(generate(model, GRAMMAR, request))


@pytest.mark.parametrize("seed", range(12))
def test_a_piece_has_its_bars_obeys_the_grammar_and_may_end(model: Model, seed: int) -> None:
    tokens = write(model, replace(REQUEST, seed=seed, bars=1 + seed % 5))
    assert sum(GRAMMAR.bars[token] for token in tokens) == 1 + seed % 5
    assert GRAMMAR.bars[tokens[0]] == 1
    state = advance(GRAMMAR, START_STATE, BOS)
    for token in tokens:
        state = advance(GRAMMAR, state, token)
    assert GRAMMAR.next_state[state, BAR] >= 0, "it ends where a bar line may stand"


def test_the_same_request_writes_the_same_piece_and_another_seed_another(model: Model) -> None:
    assert write(model) == write(model)
    assert write(model) != write(model, replace(REQUEST, seed=12))


def test_a_piece_longer_than_the_context_goes_on(model: Model) -> None:
    tokens = write(model, replace(REQUEST, bars=16))
    assert len(tokens) > 2 * CONTEXT
    assert tokens[: len(write(model, replace(REQUEST, bars=2)))] == write(
        model, replace(REQUEST, bars=2)
    )


def test_what_was_written_before_matters(model: Model) -> None:
    prompt = (BAR, WORDS_A[3], WORDS_B[4], BAR, WORDS_A[7], WORDS_B[1])
    other = (*prompt[:-1], WORDS_B[9])
    assert write(model, replace(REQUEST, prompt=prompt)) != write(
        model, replace(REQUEST, prompt=other)
    )
