"""What the trainer's commands have in common: the recipe that they are called with."""

from typing import Annotated, TypeAlias

import typer

from services.trainer.recipes import RECIPES, Recipe, find_recipe
from shared.errors import NotFound


def parse_recipe(version: str) -> Recipe:
    """The recipe, or a message that lists those that there are."""
    try:
        return find_recipe(version)
    except NotFound as missing:
        known = ", ".join(sorted(RECIPES))
        raise typer.BadParameter(f"{missing.detail} There are: {known}.") from missing


RecipeArgument: TypeAlias = Annotated[
    Recipe, typer.Argument(parser=parse_recipe, metavar="RECIPE", help="What to train.")
]
