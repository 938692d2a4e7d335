"""Starts a decay run with the latest state of a run at a constant learning rate."""

import shutil
from pathlib import Path
from typing import Any

from ostinato.schemas.cards import BaseRecord
from services.trainer.recipes.phases import Phase, in_phase, run_name
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.base_model import read_base_record, write_base_record
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import RecipeMismatch, Trainer, has_same_weights
from services.trainer.training.trainer_state import LAST_CHECKPOINT, TrainerState
from shared.errors import UserError
from shared.tokenizers.remi import FILE


class ConstantRunMissing(UserError):
    """There is no run at a constant learning rate that a decay run could start from."""

    code = "constant_run_missing"
    status = 409


class ConstantRun:
    """The latest weights and optimizer state of a run at a constant learning rate."""

    def __init__(self, recipe: Recipe, runs: Path) -> None:
        """Load the run of a recipe from the folder of runs.

        Raises:
            ConstantRunMissing: it does not exist.
            RecipeMismatch: it started with another recipe.
        """
        self._folder = runs / run_name(recipe, Phase.CONSTANT)
        self._recipe = in_phase(recipe, Phase.CONSTANT)
        if not (self._folder / LAST_CHECKPOINT).exists():
            command = f"python -m services.trainer.cli.train {recipe.version} --phase constant"
            raise ConstantRunMissing(
                f"{self._folder} has no {LAST_CHECKPOINT}; run `{command}` first."
            )
        self._stored: dict[str, Any] = load_state(self._folder / LAST_CHECKPOINT)
        if not has_same_weights(self._stored["recipe"], self._recipe.to_json()):
            raise RecipeMismatch(f"{self._folder}: the run started with another recipe")

    def prepare(self, _: Recipe, run: Path) -> None:
        """Copy the tokenizer into the decay run's folder, and record this run as its base there."""
        run.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._folder / FILE, run / FILE)
        write_base_record(self._record(), run)

    def initialize(self, trainer: Trainer, _: Path) -> None:
        """Set the weights and the optimizer state of a trainer."""
        trainer.load_initial_weights(self._stored["model"])
        trainer.load_optimizer_state(self._stored["optimizer"])

    def _record(self) -> BaseRecord:
        state = TrainerState.from_json(self._stored["trainer_state"])
        latest = state.validations[-1] if state.validations else None
        return BaseRecord(
            recipe=self._recipe.version,
            steps=state.step,
            tokens=state.tokens,
            seconds=state.seconds,
            nats_per_note=latest and latest.held_out_nats_per_note,
            datasets=tuple(dataset.name for dataset in self._recipe.datasets),
            base=read_base_record(self._folder),
        )
