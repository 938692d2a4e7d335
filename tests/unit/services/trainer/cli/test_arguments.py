"""The RECIPE argument is the version of a recipe; an unknown version is rejected."""

import pytest
import typer

from services.trainer.cli.arguments import parse_recipe
from services.trainer.recipes.recipes import mini


def test_a_recipe_is_found_by_its_version() -> None:
    assert parse_recipe("mini") == mini()


def test_the_error_for_an_unknown_version_lists_the_known_recipes() -> None:
    with pytest.raises(typer.BadParameter, match=r"'maxi'.*Known recipes: mini, v2"):
        parse_recipe("maxi")
