"""A recipe is named on the command line, or the right names are."""

import pytest
import typer

from services.trainer.cli.arguments import parse_recipe
from services.trainer.recipes.recipes import mini


def test_a_recipe_is_found_by_its_version() -> None:
    assert parse_recipe("mini") == mini()


def test_an_unknown_one_is_answered_with_the_list() -> None:
    with pytest.raises(typer.BadParameter, match=r"'maxi'.*There are: mini, seedling, v2"):
        parse_recipe("maxi")
