"""A larger decoder begins with what a smaller one has learnt."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from services.trainer.data.dataset import Source
from services.trainer.recipes.recipes import DecoderShape, Recipe
from services.trainer.training.base_model import read_base
from services.trainer.training.stacking import NothingToBeginFrom, Seed, stacked, translated
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import Prepared, prepare
from shared.tokenizers.remi import Remi
from tests.unit.services.trainer.conftest import SET


@pytest.fixture
def runs(recipe: Recipe, material: Prepared, home: Path) -> Path:
    """A folder of runs, of which one has ended."""
    folder = home / "runs" / "tiny"
    Training(recipe=recipe, material=material, folder=folder, progress=Progress(commit="none")).run(
        lambda: False, lambda: None
    )
    return home / "runs"


def test_the_same_depth_and_vocabulary_change_nothing(
    runs: Path, recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    seed = Seed.of_run("tiny", runs)
    again = Training(
        recipe=recipe, material=material, folder=tmp_path, progress=Progress(commit="none")
    )
    seed.grow(again, tmp_path)
    for name, weight in again.model.state_dict().items():
        assert torch.equal(weight, seed.weights[name]), name


def test_a_deeper_decoder_with_more_pairs_learns_from_where_it_begins(
    runs: Path, recipe: Recipe, data: Path, home: Path
) -> None:
    shape = DecoderShape(layers=3, heads=2, d_model=64, d_ff=64)
    deeper = dataclasses.replace(recipe, version="deep", network=shape, vocabulary=330)
    run = runs / "deep"
    material = prepare(deeper, [Source.of_name(SET, data)], home, run)

    def training() -> Training:
        return Training(
            recipe=deeper, material=material, folder=run, progress=Progress(commit="none")
        )

    fresh, grown, seed = training(), training(), Seed.of_run("tiny", runs)
    seed.grow(grown, run)
    assert grown._score() < fresh._score()
    base = read_base(run)
    assert base == seed.history
    assert (base["recipe"], base["music"], base["base"]) == ("tiny", [SET], None)
    assert json.loads((run / "base.json").read_text())["tokens"] == base["tokens"] > 0


def test_layers_are_stacked_upon_themselves_in_their_order() -> None:
    weights = {"model.layers.0.a": torch.zeros(1), "model.layers.1.a": torch.ones(1)}
    grown = dict(stacked(weights | {"model.norm.weight": torch.ones(1)}, 4))
    assert [grown[f"model.layers.{layer}.a"].item() for layer in range(4)] == [0, 1, 0, 1]
    assert "model.norm.weight" in grown


def test_a_token_begins_as_the_mean_of_those_that_spell_it(material: Prepared) -> None:
    few, many = Remi.without_pairs(), material.vocabulary
    assert isinstance(many, Remi)
    old = torch.randn(few.vocab_size, 8)
    fresh = torch.randn(many.vocab_size, 8)
    rows = translated(old, few, many, fresh)
    known = {symbols: token for token, symbols in enumerate(few.expansions)}
    for token, symbols in enumerate(many.expansions[few.vocab_size :], few.vocab_size):
        spelling = [known[symbol,] for symbol in symbols]
        assert torch.allclose(rows[token], old[spelling].mean(dim=0)), symbols
    assert torch.equal(rows[many.fill], old[few.fill])
    assert torch.equal(rows[many.controls["Style_2"]], old[few.controls["Style_2"]])


def test_what_was_never_trained_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(NothingToBeginFrom, match=r"services\.trainer\.train seedling"):
        Seed.of_run("seedling", tmp_path)
