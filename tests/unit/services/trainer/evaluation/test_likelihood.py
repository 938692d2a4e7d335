"""The likelihood counts every token of every piece once, with enough context before it."""

import math
import tracemalloc

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from services.trainer.evaluation.likelihood import HeldOutScorer, LikelihoodScore, TokenizedPiece
from services.trainer.evaluation.precision import autocast
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.network import build_network
from services.trainer.training.training_data import TrainingData
from shared.models.decoder import Decoder
from shared.tokenizers.tokenizer import Tokenizer
from tests.unit.services.trainer.conftest import random_piece

LENGTHS = (33, 60, 90, 160)


@pytest.fixture
def pieces(training_data: TrainingData) -> list[TokenizedPiece]:
    return [
        TokenizedPiece(
            num_notes=length,
            seconds=length / 2,
            tokens=tokenize(seed, length, training_data.tokenizer),
        )
        for seed, length in enumerate(LENGTHS)
    ]


def tokenize(seed: int, length: int, tokenizer: Tokenizer) -> NDArray[np.uint16]:
    return np.array(tokenizer.encode(random_piece(seed, length).notes), dtype=np.uint16)


@pytest.fixture
def decoder(recipe: Recipe, training_data: TrainingData) -> Decoder:
    torch.manual_seed(0)
    network = build_network(recipe, training_data.tokenizer.vocab_size)
    assert isinstance(network, Decoder)
    return network


def test_a_uniform_model_has_the_same_likelihood_for_every_token(
    decoder: Decoder, training_data: TrainingData, pieces: list[TokenizedPiece]
) -> None:
    torch.nn.init.zeros_(decoder.model.embed_tokens.weight)
    tokenizer = training_data.tokenizer
    score = HeldOutScorer(pieces, tokenizer, decoder.config.context).score(decoder)
    num_tokens = sum(len(piece.tokens) + 1 for piece in pieces)
    assert score.num_tokens == num_tokens
    assert score.nats == pytest.approx(num_tokens * math.log(tokenizer.vocab_size), rel=1e-3)


def test_a_token_is_predicted_from_at_least_half_a_context(
    decoder: Decoder, training_data: TrainingData, pieces: list[TokenizedPiece]
) -> None:
    """The expected sum is computed one token at a time, without windows."""
    context, half = decoder.config.context, decoder.config.context // 2
    tokenizer = training_data.tokenizer
    nats = 0.0
    for piece in pieces:
        tokens = torch.tensor([tokenizer.bos, *piece.tokens.tolist(), tokenizer.eos])
        for index in range(1, len(tokens)):
            start = 0 if index <= context else (index - half - 1) // half * half
            assert index - start >= min(index, half)
            with torch.inference_mode(), autocast():
                logits = decoder(tokens[None, start:index])[0, -1].float()
            nats -= float(logits.log_softmax(-1)[tokens[index]])
    score = HeldOutScorer(pieces, tokenizer, context).score(decoder)
    assert score.nats == pytest.approx(nats, rel=2e-3)


def test_a_sample_of_windows_is_spread_over_all_pieces_and_counts_their_notes(
    decoder: Decoder, training_data: TrainingData, pieces: list[TokenizedPiece]
) -> None:
    tokenizer, context = training_data.tokenizer, decoder.config.context
    whole = HeldOutScorer(pieces, tokenizer, context).score(decoder)
    sample = HeldOutScorer(pieces, tokenizer, context, max_tokens=whole.num_tokens // 4)
    score = sample.score(decoder)
    assert score.num_pieces == len(pieces)
    assert score.num_tokens == pytest.approx(whole.num_tokens / 4, rel=0.2)
    assert score.num_notes / score.num_tokens == pytest.approx(
        whole.num_notes / whole.num_tokens, rel=0.1
    )
    assert score.seconds == pytest.approx(score.num_notes / 2, abs=1)
    again = HeldOutScorer(pieces, tokenizer, context, max_tokens=whole.num_tokens // 4)
    assert again.score(decoder) == score
    unlimited = HeldOutScorer(pieces, tokenizer, context, max_tokens=whole.num_tokens)
    assert unlimited.score(decoder) == whole


def test_memory_is_proportional_to_the_length_of_a_piece(training_data: TrainingData) -> None:
    """A token and its target take 8 bytes each, and are in two windows."""
    tokens = np.full(5_000, 7, dtype=np.uint16)
    tracemalloc.start()
    scorer = HeldOutScorer(
        [TokenizedPiece(num_notes=1, seconds=1.0, tokens=tokens)],
        training_data.tokenizer,
        context=128,
    )
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert scorer.num_tokens == 5_001
    assert allocated < 50 * len(tokens)


def test_the_units_are_notes_and_seconds_of_music() -> None:
    score = LikelihoodScore(nats=300.0, num_pieces=1, num_notes=100, num_tokens=250, seconds=60.0)
    assert score.nats_per_note == 3
    assert score.bits_per_second == pytest.approx(5 / math.log(2))
    other = LikelihoodScore(nats=100.0, num_pieces=2, num_notes=100, num_tokens=50, seconds=20.0)
    assert LikelihoodScore.sum([score, other]) == LikelihoodScore(
        nats=400.0, num_pieces=3, num_notes=200, num_tokens=300, seconds=80.0
    )


def test_scoring_restores_the_mode_of_the_model(
    decoder: Decoder, training_data: TrainingData, pieces: list[TokenizedPiece]
) -> None:
    """Dropout is off while the model is scored."""
    scorer = HeldOutScorer(pieces, training_data.tokenizer, decoder.config.context)
    decoder.train()
    scorer.score(decoder)
    assert decoder.training
    decoder.eval()
    scorer.score(decoder)
    assert not decoder.training
