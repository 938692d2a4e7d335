"""Recipes are complete and found by version."""

import dataclasses
import json

import pytest

from ostinato.schemas.notes import Metre
from ostinato.schemas.recipes.recipe_records import RecipeRecord
from services.trainer.recipes.recipes import RECIPES, find_recipe
from services.trainer.training.network import build_network
from shared.errors import NotFound


@pytest.mark.parametrize("version", RECIPES)
def test_a_recipe_builds_the_network_that_it_describes(version: str) -> None:
    recipe = find_recipe(version)
    network = build_network(recipe, recipe.vocab_size or 400)
    assert network.config.vocab_size == (recipe.vocab_size or 400)
    assert recipe.version == version
    assert json.loads(json.dumps(recipe.to_json()))["version"] == version


def test_a_field_that_was_added_later_is_left_out_if_it_has_its_default() -> None:
    """Runs of earlier releases are resumed, and their cards are read."""
    earlier = find_recipe("v6").to_json()
    assert "metres" not in earlier
    assert "opening_rate" not in earlier["examples"]
    assert not {"metres", "decay"} & earlier.keys()
    assert "average_decay" not in earlier["optimization"]
    assert earlier["network"]["dropout"] == 0.2
    assert find_recipe("v8").to_json()["examples"]["opening_rate"] == 0.1


@pytest.mark.parametrize("version", RECIPES)
def test_the_record_in_the_card_has_every_field_of_the_recipe(version: str) -> None:
    recipe = find_recipe(version)
    record = RecipeRecord.model_validate(recipe.to_json())
    assert RecipeRecord.model_validate_json(record.model_dump_json()) == record
    metres = dataclasses.replace(recipe, metres=(Metre.FOUR_FOUR, Metre.THREE_FOUR))
    assert RecipeRecord.model_validate(metres.to_json()).metres == metres.metres


def test_the_error_for_an_unknown_recipe_lists_the_known_recipes() -> None:
    with pytest.raises(NotFound) as error:
        find_recipe("maxi")
    assert error.value.extra["known"] == sorted(RECIPES)


@pytest.mark.parametrize(
    ("version", "megabytes"),
    [("v2", 11), ("v3", 11), ("v4", 12), ("v5", 22), ("v6", 23), ("v7", 130), ("v8", 131)],
)
def test_a_version_has_the_size_of_the_reference_version(version: str, megabytes: int) -> None:
    """In float32, with the vocabulary size that the public system reports."""
    reference = {"v2": 59, "v3": 635, "v4": 1279, "v5": 629, "v6": 362, "v7": 512, "v8": 1024}
    network = build_network(find_recipe(version), reference[version])
    size = sum(weight.numel() for weight in network.parameters()) * 4 / 1e6
    assert size == pytest.approx(megabytes, rel=0.06)


def test_every_recipe_has_a_description_and_weighted_data_sets() -> None:
    for version in RECIPES:
        recipe = find_recipe(version)
        assert recipe.description.endswith(".")
        assert sum(dataset.weight for dataset in recipe.datasets) > 0
