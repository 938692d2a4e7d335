"""A decay run starts with the weights and the optimizer state of a constant run."""

import dataclasses
from pathlib import Path

import pytest
import torch

from services.trainer.recipes.phases import Phase, in_phase
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.base_model import read_base_record
from services.trainer.training.checkpoint import load_state
from services.trainer.training.decay import ConstantRun, ConstantRunMissing
from services.trainer.training.trainer import RecipeMismatch, Trainer
from services.trainer.training.trainer_state import LAST_CHECKPOINT, TrainerState
from services.trainer.training.training_data import TrainingData


def make_trainer(recipe: Recipe, data: TrainingData, folder: Path) -> Trainer:
    return Trainer(recipe=recipe, data=data, folder=folder, state=TrainerState(commit="none"))


@pytest.fixture
def constant_run(recipe: Recipe, training_data: TrainingData, cache_dir: Path) -> Path:
    """The folder of a run that was stopped after 4 steps, after its first validation."""
    folder = cache_dir / "runs" / "tiny-constant"
    trainer = make_trainer(in_phase(recipe, Phase.CONSTANT), training_data, folder)
    folder.mkdir(parents=True)
    training_data.tokenizer.save(folder)
    steps = iter(range(4))
    assert not trainer.run(lambda: next(steps, None) is None, lambda: None)
    return folder


def test_it_starts_with_the_latest_weights_and_optimizer_state(
    recipe: Recipe, training_data: TrainingData, constant_run: Path
) -> None:
    before = (constant_run / LAST_CHECKPOINT).read_bytes()
    stored = load_state(constant_run / LAST_CHECKPOINT)
    start, folder = ConstantRun(recipe, constant_run.parent), constant_run.parent / "tiny-decay"
    start.prepare(recipe, folder)
    trainer = make_trainer(in_phase(recipe, Phase.DECAY), training_data, folder)
    start.initialize(trainer, folder)
    for name, weight in trainer.model.state_dict().items():
        assert torch.equal(weight, stored["model"][name]), name
    muon = trainer._optimizer.state_dict()["muon"]["state"]
    assert torch.equal(muon[0]["momentum"], stored["optimizer"]["muon"]["state"][0]["momentum"])
    assert (trainer.state.step, trainer.progress) == (0, 0)
    assert trainer.run(lambda: False, lambda: None)
    assert trainer.state.step == recipe.steps * recipe.optimization.decay_ratio
    assert (constant_run / LAST_CHECKPOINT).read_bytes() == before, "it can go on"
    record = read_base_record(folder)
    assert record is not None
    assert (record.recipe, record.steps, record.datasets) == ("tiny", 4, ("folk",))
    [validation] = stored["trainer_state"]["validations"]
    assert record.nats_per_note == validation["held_out_nats_per_note"]


def test_a_missing_constant_run_is_reported_with_the_command(
    recipe: Recipe, tmp_path: Path
) -> None:
    with pytest.raises(ConstantRunMissing, match="train tiny --phase constant"):
        ConstantRun(recipe, tmp_path)


def test_the_run_of_another_recipe_is_not_decayed(recipe: Recipe, constant_run: Path) -> None:
    with pytest.raises(RecipeMismatch):
        ConstantRun(dataclasses.replace(recipe, seed=2), constant_run.parent)
