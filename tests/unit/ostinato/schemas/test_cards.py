"""Model cards: typed throughout, closed to unknown keys, with optional parts."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ostinato.schemas.models import CARD_EXCLUDES, ModelCard
from ostinato.schemas.recipes.recipe_records import (
    DecoderShapeRecord,
    LstmShapeRecord,
    RecipeRecord,
)
from tests.conftest import ROOT

CARDS = sorted((ROOT / "checkpoints").glob("*/card.json"))
MINIMAL: dict[str, Any] = {
    "version": "mine",
    "sha256": "ab" * 32,
    "description": "A decoder.",
    "capabilities": {"max_bars": 64, "primer": True, "velocity": False},
    "license": "CC0-1.0",
    "data": {},
    "training": {},
    "evaluation": {},
}
RECIPE: dict[str, Any] = {
    "version": "mine",
    "description": "A recipe.",
    "tokenizer": "remi",
    "examples": {"context": 128},
    "optimization": {
        "batch_size": 8,
        "learning_rate": 0.001,
        "weight_decay": 0.1,
        "max_grad_norm": 1.0,
        "warmup_ratio": 0.02,
    },
    "steps": 100,
    "validate_every": 10,
    "patience": 3,
    "seed": 7,
}


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_the_committed_cards_are_what_the_schema_writes(path: Path) -> None:
    card = ModelCard.model_validate_json(path.read_bytes())
    assert json.loads(path.read_bytes()) == card.model_dump(mode="json", exclude=CARD_EXCLUDES)
    assert card.training.recipe is not None
    assert card.evaluation.nats_per_note


def test_data_training_and_evaluation_may_lack_everything() -> None:
    card = ModelCard.model_validate(MINIMAL)
    assert card.evaluation.samples is None
    assert card.training.recipe is None
    assert card.data.datasets == ()


@pytest.mark.parametrize("section", ["data", "training", "evaluation"])
def test_an_unknown_key_is_rejected_with_its_path(section: str) -> None:
    with pytest.raises(ValidationError, match=rf"{section}\.leak"):
        ModelCard.model_validate({**MINIMAL, section: {"leak": {}}})


def test_the_network_of_a_recipe_is_a_decoder_or_an_lstm() -> None:
    decoder = {"layers": 2, "heads": 4, "d_model": 64, "d_ff": 256}
    lstm = {"units": [64, 64], "dropout": 0.1}
    networks = [
        type(RecipeRecord.model_validate({**RECIPE, "network": network}).network)
        for network in (decoder, lstm)
    ]
    assert networks == [DecoderShapeRecord, LstmShapeRecord]
