"""Surprise counts every token of every piece once, with enough context before it."""

import math
import tracemalloc

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from services.trainer.evaluation.likelihood import Examination, Score, Spelt
from services.trainer.evaluation.precision import autocast
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.trainer import build_network
from services.trainer.training.training_data import Prepared
from shared.models.decoder import Decoder
from shared.tokenizers.vocabulary import Vocabulary
from tests.unit.services.trainer.conftest import random_piece

LENGTHS = (33, 60, 90, 160)


@pytest.fixture
def pieces(material: Prepared) -> list[Spelt]:
    return [
        Spelt(notes=length, seconds=length / 2, tokens=spell(seed, length, material.vocabulary))
        for seed, length in enumerate(LENGTHS)
    ]


def spell(seed: int, length: int, vocabulary: Vocabulary) -> NDArray[np.uint16]:
    return np.array(vocabulary.encode(random_piece(seed, length).notes), dtype=np.uint16)


@pytest.fixture
def decoder(recipe: Recipe, material: Prepared) -> Decoder:
    torch.manual_seed(0)
    network = build_network(recipe, material.vocabulary.vocab_size)
    assert isinstance(network, Decoder)
    return network


def test_a_model_that_knows_nothing_is_surprised_by_every_token_alike(
    decoder: Decoder, material: Prepared, pieces: list[Spelt]
) -> None:
    torch.nn.init.zeros_(decoder.model.embed_tokens.weight)
    score = Examination(pieces, material.vocabulary, decoder.config.context).score(decoder)
    tokens = sum(len(piece.tokens) + 1 for piece in pieces)
    assert score.tokens == tokens
    assert score.nats == pytest.approx(tokens * math.log(material.vocabulary.vocab_size), rel=1e-3)


def test_a_token_is_seen_with_half_a_context_before_it(
    decoder: Decoder, material: Prepared, pieces: list[Spelt]
) -> None:
    """The same sum, one token at a time and without windows that others share."""
    context, half = decoder.config.context, decoder.config.context // 2
    vocabulary = material.vocabulary
    nats = 0.0
    for piece in pieces:
        tokens = torch.tensor([vocabulary.bos, *piece.tokens.tolist(), vocabulary.eos])
        for at in range(1, len(tokens)):
            start = 0 if at <= context else (at - half - 1) // half * half
            assert at - start >= min(at, half)
            with torch.inference_mode(), autocast():
                logits = decoder(tokens[None, start:at])[0, -1].float()
            nats -= float(logits.log_softmax(-1)[tokens[at]])
    score = Examination(pieces, vocabulary, context).score(decoder)
    assert score.nats == pytest.approx(nats, rel=2e-3)


def test_a_piece_takes_memory_in_proportion_to_its_length(
    material: Prepared,
) -> None:
    """8 bytes for a token and 8 for its target, each in two windows; nothing of the whole piece."""
    tokens = np.full(5_000, 7, dtype=np.uint16)
    tracemalloc.start()
    examination = Examination(
        [Spelt(notes=1, seconds=1.0, tokens=tokens)], material.vocabulary, context=128
    )
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert examination.tokens == 5_001
    assert kept < 50 * len(tokens)


def test_the_units_are_notes_and_seconds_of_music() -> None:
    score = Score(nats=300.0, pieces=1, notes=100, tokens=250, seconds=60.0)
    assert score.nats_per_note == 3
    assert score.bits_per_second == pytest.approx(5 / math.log(2))
    both = Score.sum([score, Score(nats=100.0, pieces=2, notes=100, tokens=50, seconds=20.0)])
    assert both == Score(nats=400.0, pieces=3, notes=200, tokens=300, seconds=80.0)


def test_an_examination_leaves_a_model_as_it_was(
    decoder: Decoder, material: Prepared, pieces: list[Spelt]
) -> None:
    """Dropout is off while it is judged, and on again after."""
    examination = Examination(pieces, material.vocabulary, decoder.config.context)
    decoder.train()
    examination.score(decoder)
    assert decoder.training
    decoder.eval()
    examination.score(decoder)
    assert not decoder.training
