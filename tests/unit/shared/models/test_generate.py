"""Tests of the reference loop on a network with random weights."""

from dataclasses import replace

import pytest

from shared.models.generate import generate
from shared.models.grammar import START_STATE, advance
from shared.models.inference_model import InferenceModel
from shared.models.sampling_params import GenerationSpec
from tests.unit.shared.models.tiny_models import (
    BAR,
    BOS,
    CONTEXT,
    WORDS_A,
    WORDS_B,
    tiny_grammar,
    tiny_model,
)

GRAMMAR = tiny_grammar()
SPEC = GenerationSpec(pinned_prefix=(BOS,), bars=4, seed=11, temperature=1.0, min_p=0.02)


@pytest.fixture(scope="module")
def model() -> InferenceModel:
    return tiny_model()


def tokens_of(model: InferenceModel, spec: GenerationSpec = SPEC) -> list[int]:
    return list(generate(model, GRAMMAR, spec))


@pytest.mark.parametrize("seed", range(12))
def test_a_sequence_has_its_bars_and_obeys_the_grammar(model: InferenceModel, seed: int) -> None:
    tokens = tokens_of(model, replace(SPEC, seed=seed, bars=1 + seed % 5))
    assert sum(GRAMMAR.opens_bar[token] for token in tokens) == 1 + seed % 5
    assert GRAMMAR.opens_bar[tokens[0]]
    state = advance(GRAMMAR, START_STATE, BOS)
    for token in tokens:
        state = advance(GRAMMAR, state, token)
    assert GRAMMAR.next_state[state, BAR] >= 0, "it ends where a bar line is legal"


def test_equal_specs_give_equal_tokens_and_another_seed_others(model: InferenceModel) -> None:
    assert tokens_of(model) == tokens_of(model)
    assert tokens_of(model) != tokens_of(model, replace(SPEC, seed=12))


def test_a_sequence_longer_than_the_context_continues(model: InferenceModel) -> None:
    tokens = tokens_of(model, replace(SPEC, bars=16))
    assert len(tokens) > 2 * CONTEXT
    beginning = tokens_of(model, replace(SPEC, bars=2))
    assert tokens[: len(beginning)] == beginning


def test_another_prompt_gives_other_tokens(model: InferenceModel) -> None:
    prompt = (BAR, WORDS_A[3], WORDS_B[4], BAR, WORDS_A[7], WORDS_B[1])
    other = (*prompt[:-1], WORDS_B[9])
    assert tokens_of(model, replace(SPEC, prompt=prompt)) != tokens_of(
        model, replace(SPEC, prompt=other)
    )
