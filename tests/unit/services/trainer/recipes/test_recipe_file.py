"""A recipe file changes another recipe; what is wrong with it is named."""

import dataclasses
from pathlib import Path

import pytest
import typer

from services.trainer.cli.arguments import parse_recipe
from services.trainer.recipes.recipe import DecoderShape, LstmShape, WeightedDataset
from services.trainer.recipes.recipe_file import InvalidRecipe, load_recipe
from services.trainer.recipes.recipes import v7, v8
from shared.errors import NotFound

MINE = """
based_on = "v7"
version = "mine"
description = "My tunes."
datasets = [{ name = "folk" }, { name = "jazz", weight = 2.0 }]
metres = ["4/4", "3/4"]
[examples]
infill_rate = 0.25
[network]
layers = 4
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_changes_the_fields_that_it_names(tmp_path: Path) -> None:
    recipe, base = load_recipe(write(tmp_path, MINE)), v7()
    assert recipe == dataclasses.replace(
        base,
        version="mine",
        description="My tunes.",
        datasets=(WeightedDataset(name="folk"), WeightedDataset(name="jazz", weight=2.0)),
        metres=base.metres[:2],
        examples=dataclasses.replace(base.examples, infill_rate=0.25),
        network=DecoderShape(layers=4, heads=8, d_model=512, d_ff=2048, residual_dropout=0.1),
        grow_from=None,
    )
    lstm = load_recipe(write(tmp_path, 'based_on = "v6"\nversion = "m"\n[network]\ndropout = 0.5'))
    assert isinstance(lstm.network, LstmShape)
    assert lstm.network.dropout == 0.5


def test_the_decay_of_other_data_sets_is_not_kept(tmp_path: Path) -> None:
    same = 'based_on = "v8"\nversion = "mine"\n'
    assert load_recipe(write(tmp_path, same)).decay == v8().decay
    other = same + 'datasets = [{ name = "folk" }]'
    assert load_recipe(write(tmp_path, other)).decay is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MINE + "leyers = 4", r"network\.leyers is unknown; the nearest field is layers"),
        ("stepz = 3\n" + MINE, "stepz is unknown; the nearest field is steps"),
        (MINE.replace("weight", "wieght"), r"datasets\.wieght is unknown.* is weight"),
        (MINE.replace('"mine"', "7"), "version is missing, or it is no text"),
        ('version = "mine"', "based_on is missing"),
        (MINE.replace("0.25", '"many"'), r"examples\.infill_rate: Input should be a valid number"),
        (MINE.replace("3/4", "5/4"), r"metres\.1: Input should be"),
        (MINE.replace("layers = 4", "layers ="), "at line"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidRecipe, match=problem):
        load_recipe(write(tmp_path, text))


def test_a_missing_file_and_an_unknown_base_are_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipe, match=r"none\.toml"):
        load_recipe(tmp_path / "none.toml")
    with pytest.raises(NotFound):
        load_recipe(write(tmp_path, 'based_on = "v70"\nversion = "mine"'))


def test_the_commands_accept_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, MINE)
    assert parse_recipe(str(path)) == load_recipe(path)
    with pytest.raises(typer.BadParameter, match="nearest field is layers"):
        parse_recipe(str(write(tmp_path, MINE + "leyers = 4")))
