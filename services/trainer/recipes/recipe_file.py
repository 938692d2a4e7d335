"""Recipes in TOML files of users: the changes to another recipe.

    based_on = "v7"
    version = "my-tunes"
    steps = 500
    datasets = [{ name = "folk" }]

    [optimization]
    learning_rate = 0.001

A table changes the fields that it names; a field that is no table is replaced.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.trainer.recipes.recipe import (
    DecayChanges,
    DecoderShape,
    ExampleConfig,
    LstmShape,
    Optimization,
    Recipe,
    WeightedDataset,
)
from services.trainer.recipes.recipes import find_recipe
from shared.errors import UserError

BASED_ON = "based_on"
TABLES: Mapping[str, tuple[type, ...]] = {
    "datasets": (WeightedDataset,),
    "examples": (ExampleConfig,),
    "network": (DecoderShape, LstmShape),
    "optimization": (Optimization,),
    "decay": (DecayChanges,),
}
"""What the tables of a recipe describe."""


class InvalidRecipe(UserError):
    """A recipe file cannot be used; the detail names the field and what is wrong with it."""

    code = "invalid_recipe"
    status = 422


def load_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file.

    Raises:
        InvalidRecipe: it cannot be read, has an unknown field, or a field of the wrong type.
        NotFound: the recipe that it is based on is unknown.
    """
    try:
        changes: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidRecipe(f"{path}: {error}") from error
    _check_names(path, changes)
    for name in (BASED_ON, "version"):
        if not isinstance(changes.get(name), str):
            raise InvalidRecipe(f"{path}: {name} is missing, or it is no text")
    base = asdict(find_recipe(changes.pop(BASED_ON))) | {"grow_from": None}
    if "datasets" in changes:
        base["decay"] = None  # its weights are those of the other data sets
    try:
        return TypeAdapter(Recipe).validate_python(_merged(base, changes))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"] if str(part) not in _CLASS_NAMES)
        raise InvalidRecipe(f"{path}: {name}: {first['msg']}") from error


_CLASS_NAMES = {kind.__name__ for kinds in TABLES.values() for kind in kinds}


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The fields of a recipe after the changes."""
    merged = base | changes
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(base[name], dict):
            merged[name] = base[name] | value
    return merged


def _check_names(path: Path, changes: dict[str, Any]) -> None:
    """Raises InvalidRecipe if the file has an unknown field, with the nearest known one."""
    _check_table(path, "", changes, {BASED_ON, *_field_names(Recipe)})
    for name, kinds in TABLES.items():
        known = {field for kind in kinds for field in _field_names(kind)}
        value = changes.get(name, {})
        for table in value if isinstance(value, list) else [value]:
            if isinstance(table, dict):
                _check_table(path, f"{name}.", table, known)


def _check_table(path: Path, prefix: str, table: dict[str, Any], known: set[str]) -> None:
    for name in table.keys() - known:
        nearest = get_close_matches(name, sorted(known), n=1, cutoff=0)[0]
        raise InvalidRecipe(f"{path}: {prefix}{name} is unknown; the nearest field is {nearest}")


def _field_names(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}
