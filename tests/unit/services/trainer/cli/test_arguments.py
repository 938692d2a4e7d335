"""The RECIPE argument is a recipe's version; for an unknown one, the known ones are listed."""

import pytest
import typer

from services.trainer.cli.arguments import parse_recipe
from services.trainer.recipes.recipes import mini


def test_a_recipe_is_found_by_its_version() -> None:
    assert parse_recipe("mini") == mini()


def test_an_unknown_version_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(typer.BadParameter, match=r"'maxi'.*Known recipes: mini, v2"):
        parse_recipe("maxi")
