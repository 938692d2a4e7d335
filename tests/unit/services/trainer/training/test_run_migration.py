"""A run of release 0.1.0 is resumed: its checkpoint and base record are converted when read."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from services.trainer.recipes.recipe import Recipe
from services.trainer.training.base_model import BASE_FILE, read_base_record
from services.trainer.training.checkpoint import load_state, save_state
from services.trainer.training.run_migration import is_state_of_0_1_0, state_from_0_1_0
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import LAST_CHECKPOINT, StopReason, TrainerState
from services.trainer.training.training_data import TrainingData

RECIPE_0_1_0 = {
    "version": "tiny",
    "description": "What the recipe tiny makes of folk.",
    "ingredients": [{"name": "folk", "weight": 1.0}],
    "tokens": "REMI and byte pairs",
    "vocabulary": 300,
    "examples": {
        "context": 32,
        "transpositions": [-2, 0, 3],
        "velocity": 0,
        "stretch": 0.0,
        "infill": 0.0,
        "controls": 0.0,
    },
    "network": {"layers": 1, "heads": 2, "d_model": 64, "d_ff": 64},
    "begins_from": None,
    "optimization": {
        "matrices": "muon",
        "batch": 2,
        "learning_rate": 0.01,
        "weight_decay": 0.1,
        "clip": 1.0,
        "warmup": 0.1,
        "decay": 0.5,
    },
    "steps": 8,
    "evaluate_every": 3,
    "patience": 5,
    "seed": 1,
}
POINT_0_1_0 = {
    "step": 3,
    "tokens": 192,
    "seconds": 0.1,
    "train_nats_per_token": 5.5,
    "held_out_nats_per_note": 12.0,
    "sample": [[0, 240, 60, 80]],
}


def progress_of_0_1_0(end: str | None = None) -> dict[str, Any]:
    return {
        "commit": "none",
        "minutes": None,
        "step": 4,
        "tokens": 256,
        "seconds": 0.2,
        "losses": [5.25],
        "curve": [POINT_0_1_0],
        "end": end,
    }


def make_trainer(recipe: Recipe, data: TrainingData, folder: Path) -> Trainer:
    return Trainer(recipe=recipe, data=data, folder=folder, state=TrainerState(commit="none"))


def test_the_recipe_and_the_state_get_their_new_keys(recipe: Recipe) -> None:
    converted = state_from_0_1_0({"recipe": RECIPE_0_1_0, "progress": progress_of_0_1_0()})
    assert not is_state_of_0_1_0(converted)
    assert converted["recipe"] | {"description": recipe.description} == recipe.to_json()
    state = TrainerState.from_json(converted["trainer_state"])
    assert (state.step, state.tokens, state.losses_since_validation) == (4, 256, [5.25])
    assert [list(note) for note in state.best.preview_notes] == [[0, 240, 60, 80]]
    assert state.stop_reason is None


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("its budget was spent", StopReason.BUDGET_SPENT),
        ("the held-out pieces stopped getting better", StopReason.EARLY_STOPPING),
    ],
)
def test_the_end_of_a_finished_run_becomes_its_stop_reason(end: str, reason: StopReason) -> None:
    converted = state_from_0_1_0({"recipe": RECIPE_0_1_0, "progress": progress_of_0_1_0(end)})
    assert TrainerState.from_json(converted["trainer_state"]).stop_reason is reason


def test_a_run_of_0_1_0_ends_with_the_weights_of_an_uninterrupted_run(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    whole = make_trainer(recipe, training_data, tmp_path / "whole")
    assert whole.run(lambda: False, lambda: None)
    stopped = make_trainer(recipe, training_data, tmp_path / "old")
    assert not stopped.run(lambda: stopped.state.step == 4, lambda: None)
    path = tmp_path / "old" / LAST_CHECKPOINT
    state = load_state(path)
    point = dict(dataclasses.asdict(stopped.state.validations[0]))
    point["sample"] = point.pop("preview_notes")
    losses = state.pop("trainer_state")["losses_since_validation"]
    progress = progress_of_0_1_0() | {"losses": losses, "curve": [point]}
    save_state(path, state | {"recipe": RECIPE_0_1_0, "progress": progress})

    resumed = make_trainer(recipe, training_data, tmp_path / "old")
    resumed.resume()
    assert resumed.state.step == 4
    assert resumed.run(lambda: False, lambda: None)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name


def test_a_base_record_of_0_1_0_gets_its_new_keys(tmp_path: Path) -> None:
    old = {"recipe": "v7", "steps": 5, "music": ["jazz"], "dataset": "jazz", "base": None}
    (tmp_path / BASE_FILE).write_text(json.dumps(old))
    base = read_base_record(tmp_path)
    assert base is not None
    assert (base.recipe, base.steps, base.datasets) == ("v7", 5, ("jazz",))
    assert base.requested_dataset == "jazz"
