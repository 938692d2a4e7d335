"""What the trainer's commands have in common: a recipe, and how they say what cannot be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeAlias

import typer
from rich.console import Console

from services.trainer.recipes.recipes import RECIPES, Recipe, find_recipe
from shared.errors import NotFound, OstinatoError


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


@contextmanager
def saying_why(console: Console) -> Iterator[None]:
    """What cannot be done is a sentence and exit code 1."""
    try:
        yield
    except OstinatoError as refusal:
        console.print(refusal.detail, markup=False, soft_wrap=True)
        raise typer.Exit(1) from refusal
