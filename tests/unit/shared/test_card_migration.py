"""Records of release 0.1.0 get the field names and values of release 0.2.0."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ostinato.schemas.models import ModelCard
from shared.card_migration import (
    base_from_0_1_0,
    card_from_0_1_0,
    dataset_report_from_0_1_0,
    is_card_of_0_1_0,
    recipe_from_0_1_0,
    stop_reason_from_0_1_0,
    training_request_from_0_1_0,
)

CARD = Path(__file__).parents[2] / "upgrade" / "data" / "card.json"


@pytest.fixture
def card() -> dict[str, Any]:
    card: dict[str, Any] = json.loads(CARD.read_text())
    return card


def test_a_migrated_card_is_valid_and_not_migrated_again(card: dict[str, Any]) -> None:
    assert is_card_of_0_1_0(card)
    migrated = card_from_0_1_0(card)
    assert not is_card_of_0_1_0(migrated)
    assert ModelCard.model_validate(migrated).sha256 == card["sha256"]


def test_a_migration_does_not_change_its_argument(card: dict[str, Any]) -> None:
    original = copy.deepcopy(card)
    card_from_0_1_0(card)
    assert card == original


def test_measurements_are_the_same_under_their_new_names(card: dict[str, Any]) -> None:
    old, new = card["evaluation"], card_from_0_1_0(card)["evaluation"]
    assert new["held_out"]["num_notes"] == old["held_out"]["notes"]
    assert new["by_dataset"]["tunes"]["nats_per_note"] == old["by_set"]["tunes"]["nats_per_note"]
    assert new["samples"]["features"] == old["samples"]["traits"]
    assert new["samples"]["training_overlap"] == old["samples"]["longest_copied_notes"]


def test_leakage_is_renamed_and_former_infilling_left_out(
    card: dict[str, Any],
) -> None:
    card["evaluation"] |= {
        "infill": {"notes": 7, "nats_per_note_with_sight": 3.0, "nats_per_note_without": 4.0},
        "leak": {
            "leaky_validation_nats_per_token": 1.0,
            "held_out_nats_per_token": 2.0,
            "gap_nats_per_token": 1.0,
            "tokens": 5,
            "training_windows": 6,
            "seed": 7,
        },
    }
    evaluation = ModelCard.model_validate(card_from_0_1_0(card)).evaluation
    assert evaluation.infill_by_dataset == {}
    assert evaluation.data_leakage is not None
    assert evaluation.data_leakage.num_training_windows == 6


def test_the_selection_text_keeps_its_count(card: dict[str, Any]) -> None:
    selection = card_from_0_1_0(card)["training"]["selection"]
    assert selection.startswith("best of 1 validations on the openings of held-out pieces")


def test_two_reasons_for_duplicates_are_added_up() -> None:
    reasons = {
        "the same music under another name": 2,
        "the same notes under another name": 3,
        "fewer than 32 notes": 1,
    }
    report = dataset_report_from_0_1_0({"left_out": reasons, "kept": 4})
    assert report == {
        "skipped": {"duplicate of another piece": 5, "fewer than 32 notes": 1},
        "used": 4,
    }


def test_a_recipe_without_examples_gets_them() -> None:
    """The recipe of `mini` is older than release 0.1.0."""
    recipe = {
        "vocabulary": 512,
        "transpositions": [0, 1],
        "network": {"layers": 4, "context": 512},
        "optimization": {"batch": 8, "floor": 0.02},
    }
    assert recipe_from_0_1_0(recipe) == {
        "vocab_size": 512,
        "tokenizer": "remi_bpe",
        "examples": {"context": 512, "transpositions": [0, 1]},
        "network": {"layers": 4},
        "optimization": {"batch_size": 8, "min_lr_ratio": 0.02},
    }


def test_a_base_is_converted_with_its_own_bases() -> None:
    base = {"recipe": "v7", "music": ["a"], "base": {"recipe": "seedling", "base": None}}
    assert base_from_0_1_0(base) == {
        "recipe": "v7",
        "datasets": ["a"],
        "base": {"recipe": "v7-small", "base": None},
    }


def test_a_training_request_has_the_new_recipe_and_batch_size() -> None:
    request = {"recipe": "seedling", "overrides": {"batch": 4, "steps": 9}}
    assert training_request_from_0_1_0(request) == {
        "recipe": "v7-small",
        "overrides": {"batch_size": 4, "steps": 9},
    }


def test_an_unknown_stop_reason_stays() -> None:
    assert stop_reason_from_0_1_0("its budget was spent") == "budget spent"
    assert stop_reason_from_0_1_0("power failure") == "power failure"
