"""A larger decoder is initialized from the run of a smaller one."""

import dataclasses
from pathlib import Path

import pytest
import torch

from services.trainer.data.dataset import DatasetSource
from services.trainer.recipes.recipe import DecoderShape, Recipe
from services.trainer.training.base_model import read_base_record
from services.trainer.training.stacking import (
    ParentRun,
    ParentRunMissing,
    stack_layers,
    translate_embedding,
)
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import TrainingData, prepare_training_data
from shared.tokenizers.remi import RemiTokenizer
from tests.unit.services.trainer.conftest import DATASET


@pytest.fixture
def runs(recipe: Recipe, training_data: TrainingData, cache_dir: Path) -> Path:
    """A folder of runs with one finished run."""
    folder = cache_dir / "runs" / "tiny"
    Trainer(
        recipe=recipe, data=training_data, folder=folder, state=TrainerState(commit="none")
    ).run(lambda: False, lambda: None)
    return cache_dir / "runs"


def test_a_decoder_of_the_same_depth_and_tokenizer_gets_the_same_weights(
    runs: Path, recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    parent = ParentRun.load("tiny", runs)
    trainer = Trainer(
        recipe=recipe, data=training_data, folder=tmp_path, state=TrainerState(commit="none")
    )
    parent.initialize(trainer, tmp_path)
    for name, weight in trainer.model.state_dict().items():
        assert torch.equal(weight, parent.weights[name]), name


def test_a_deeper_decoder_with_another_tokenizer_starts_with_a_lower_loss(
    runs: Path, recipe: Recipe, datasets_dir: Path, cache_dir: Path
) -> None:
    shape = DecoderShape(layers=3, heads=2, d_model=64, d_ff=64)
    deeper = dataclasses.replace(recipe, version="deep", network=shape, vocab_size=330)
    run = runs / "deep"
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    training_data = prepare_training_data(deeper, sources, cache_dir, run)

    def make_trainer() -> Trainer:
        return Trainer(
            recipe=deeper, data=training_data, folder=run, state=TrainerState(commit="none")
        )

    random, grown, parent = make_trainer(), make_trainer(), ParentRun.load("tiny", runs)
    parent.initialize(grown, run)
    losses = [trainer._validation_loss(trainer.model) for trainer in (grown, random)]
    assert losses[0] < losses[1]
    base = read_base_record(run)
    assert base is not None
    assert base == parent.record
    assert (base.recipe, base.datasets, base.base) == ("tiny", (DATASET,), None)
    assert base.tokens == recipe.steps * 2 * 32


def test_layers_are_repeated_in_order() -> None:
    weights = {"model.layers.0.a": torch.zeros(1), "model.layers.1.a": torch.ones(1)}
    grown = dict(stack_layers(weights | {"model.norm.weight": torch.ones(1)}, 4))
    assert [grown[f"model.layers.{layer}.a"].item() for layer in range(4)] == [0, 1, 0, 1]
    assert "model.norm.weight" in grown


def test_the_embedding_of_a_new_token_is_the_mean_embedding_of_its_symbols(
    training_data: TrainingData,
) -> None:
    small, large = RemiTokenizer.without_bpe(), training_data.tokenizer
    assert isinstance(large, RemiTokenizer)
    old = torch.randn(small.vocab_size, 8)
    initial = torch.randn(large.vocab_size, 8)
    rows = translate_embedding(old, small, large, initial)
    known = {symbols: token for token, symbols in enumerate(small.token_symbols)}
    for token, symbols in enumerate(large.token_symbols[small.vocab_size :], small.vocab_size):
        encoded = [known[symbol,] for symbol in symbols]
        assert torch.allclose(rows[token], old[encoded].mean(dim=0)), symbols
    assert torch.equal(rows[large.fill], old[small.fill])
    assert torch.equal(rows[large.control_tokens["Style_2"]], old[small.control_tokens["Style_2"]])


def test_a_missing_parent_run_is_reported_with_the_command_to_train_it(tmp_path: Path) -> None:
    with pytest.raises(ParentRunMissing, match=r"services\.trainer\.cli\.train v7-small"):
        ParentRun.load("v7-small", tmp_path)
