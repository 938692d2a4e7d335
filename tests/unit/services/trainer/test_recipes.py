"""Recipes are complete and found by name."""

import json

import pytest

from services.trainer.loop import build_decoder
from services.trainer.recipes import RECIPES, find_recipe
from shared.errors import NotFound


@pytest.mark.parametrize("version", RECIPES)
def test_a_recipe_builds_the_network_that_it_describes(version: str) -> None:
    recipe = find_recipe(version)
    decoder = build_decoder(recipe, recipe.vocabulary)
    assert decoder.config.context == recipe.network.context
    assert recipe.version == version
    assert json.loads(json.dumps(recipe.to_json()))["version"] == version


def test_an_unknown_recipe_is_refused_with_the_list() -> None:
    with pytest.raises(NotFound) as refused:
        find_recipe("maxi")
    assert refused.value.extra["known"] == ["mini"]
