"""The RECIPE argument and the error handling that the trainer's commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console

from services.trainer.recipes.phases import Phase
from services.trainer.recipes.recipe import Recipe
from services.trainer.recipes.recipe_file import InvalidRecipe, load_recipe
from services.trainer.recipes.recipes import RECIPES, find_recipe
from shared.errors import NotFound, OstinatoError


def parse_recipe(version: str) -> Recipe:
    """The recipe of a version or in a TOML file; BadParameter says why there is none."""
    try:
        if version.endswith(".toml"):
            return load_recipe(Path(version))
        return find_recipe(version)
    except InvalidRecipe as error:
        raise typer.BadParameter(error.detail) from error
    except NotFound as error:
        known = ", ".join(sorted(RECIPES))
        raise typer.BadParameter(f"{error.detail} Known recipes: {known}.") from error


RecipeArgument: TypeAlias = Annotated[
    Recipe,
    typer.Argument(
        parser=parse_recipe, metavar="RECIPE", help="Name of the recipe, or a TOML file."
    ),
]
PhaseOption: TypeAlias = Annotated[
    Phase | None, typer.Option(help="A phase of the schedule, in a run of its own; default: all.")
]


@contextmanager
def exit_on_error(console: Console) -> Iterator[None]:
    """Print the detail of a known error and exit with 1."""
    try:
        yield
    except OstinatoError as error:
        console.print(error.detail, markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
