"""Surprise counts every token of every piece once, with enough context before it."""

import math

import pytest
import torch

from services.trainer.crops import spell
from services.trainer.evaluation import Examination
from services.trainer.loop import build_decoder
from services.trainer.pipeline import Material
from services.trainer.recipes import Recipe
from shared.models.decoder import Decoder
from tests.unit.services.trainer.conftest import random_piece

PIECES = [random_piece(seed, length) for seed, length in enumerate((33, 60, 90, 160))]


@pytest.fixture
def decoder(recipe: Recipe, material: Material) -> Decoder:
    torch.manual_seed(0)
    return build_decoder(recipe, material.tokenizer.vocab_size)


def test_a_model_that_knows_nothing_is_surprised_by_every_token_alike(
    decoder: Decoder, material: Material
) -> None:
    torch.nn.init.zeros_(decoder.model.embed_tokens.weight)
    score = Examination(PIECES, material.tokenizer, decoder.config.context).score(decoder)
    tokens = sum(len(spell(piece, material.tokenizer)) - 1 for piece in PIECES)
    assert score.tokens == tokens
    assert score.nats == pytest.approx(tokens * math.log(material.tokenizer.vocab_size), rel=1e-3)


def test_a_token_is_seen_with_half_a_context_before_it(
    decoder: Decoder, material: Material
) -> None:
    """The same sum, one token at a time and without windows that others share."""
    context, half = decoder.config.context, decoder.config.context // 2
    nats = 0.0
    for piece in PIECES:
        tokens = torch.from_numpy(spell(piece, material.tokenizer))
        for at in range(1, len(tokens)):
            start = 0 if at <= context else (at - half - 1) // half * half
            assert at - start >= min(at, half)
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
                logits = decoder(tokens[None, start:at])[0, -1].float()
            nats -= float(logits.log_softmax(-1)[tokens[at]])
    score = Examination(PIECES, material.tokenizer, context).score(decoder)
    assert score.nats == pytest.approx(nats, rel=2e-3)


def test_the_units_are_notes_and_seconds_of_music(decoder: Decoder, material: Material) -> None:
    score = Examination(PIECES, material.tokenizer, decoder.config.context).score(decoder)
    assert score.notes == 33 + 60 + 90 + 160
    quarters = sum(int(piece.notes[-1, 0] + piece.notes[-1, 1]) / 480 for piece in PIECES)
    assert score.seconds == pytest.approx(quarters / 2)
    assert score.nats_per_note == score.nats / score.notes
    assert score.bits_per_second == pytest.approx(score.nats / math.log(2) / score.seconds)
