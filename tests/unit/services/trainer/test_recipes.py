"""Recipes are complete and found by name."""

import json

import pytest

from services.trainer.recipes.recipes import RECIPES, find_recipe
from services.trainer.training.trainer import build_network
from shared.errors import NotFound


@pytest.mark.parametrize("version", RECIPES)
def test_a_recipe_builds_the_network_that_it_describes(version: str) -> None:
    recipe = find_recipe(version)
    network = build_network(recipe, recipe.vocabulary or 400)
    assert network.config.vocab_size == (recipe.vocabulary or 400)
    assert recipe.version == version
    assert json.loads(json.dumps(recipe.to_json()))["version"] == version


def test_an_unknown_recipe_is_refused_with_the_list() -> None:
    with pytest.raises(NotFound) as refused:
        find_recipe("maxi")
    assert refused.value.extra["known"] == sorted(RECIPES)


@pytest.mark.parametrize(
    ("version", "megabytes"),
    [("v2", 11), ("v3", 11), ("v4", 12), ("v5", 22), ("v6", 23), ("v7", 130), ("v8", 131)],
)
def test_a_version_is_as_large_as_the_one_that_it_follows(version: str, megabytes: int) -> None:
    """In float32, with the vocabulary that the public system reports."""
    reference = {"v2": 59, "v3": 635, "v4": 1279, "v5": 629, "v6": 362, "v7": 512, "v8": 1024}
    network = build_network(find_recipe(version), reference[version])
    size = sum(weight.numel() for weight in network.parameters()) * 4 / 1e6
    assert size == pytest.approx(megabytes, rel=0.06)


def test_what_a_recipe_says_of_itself_is_in_its_own_words() -> None:
    for version in RECIPES:
        recipe = find_recipe(version)
        assert recipe.description.endswith(".")
        assert sum(part.weight for part in recipe.ingredients) > 0
