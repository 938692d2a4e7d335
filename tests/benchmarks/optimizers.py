"""`python -m tests.benchmarks.optimizers`: compares optimizers at equal training time.

Every contender trains v7-small, from which v7 grows, from the same initial weights; with
`--base v8` it fine-tunes v8 by the recipe of v8. The number of steps follows from the processor
time of a step, so other load on the machine does not favor a contender. Writes to
docs/optimizers.json, by network and minutes. Requires OSTINATO_DATASETS_DIR.
"""

import json
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer
from rich.console import Console
from torch import Tensor

from services.trainer.cli.train import run_with_progress_bar
from services.trainer.data.dataset import DatasetSource
from services.trainer.recipes.recipe import Recipe
from services.trainer.recipes.recipes import find_recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.base_model import BaseModel
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState, ValidationPoint
from services.trainer.training.training_data import TrainingData, prepare_training_data
from shared.tokenizers.tokenizer import load_tokenizer

OUT = Path("docs/optimizers.json")
TIMED_STEPS = 4
"""Number of steps over which the processor time of a step is averaged."""
console = Console(stderr=True)


def contenders(recipe: Recipe) -> dict[str, Recipe]:
    """Variants of a recipe with different optimizers."""

    def variant(optimizer: Literal["muon", "adamw"], batch_size: int, rate: float) -> Recipe:
        optimization = replace(
            recipe.optimization,
            matrix_optimizer=optimizer,
            batch_size=batch_size,
            learning_rate=rate,
        )
        return replace(recipe, optimization=optimization, validate_every=10**6)

    return {
        "Muon, 12 rows, 0.002": variant("muon", 12, 0.002),
        "Muon, 4 rows, 0.002": variant("muon", 4, 0.002),
        "AdamW, 12 rows, 0.001": variant("adamw", 12, 0.001),
        "AdamW, 12 rows, 0.003": variant("adamw", 12, 0.003),
        "AdamW, 4 rows, 0.001": variant("adamw", 4, 0.001),
        "AdamW, 4 rows, 0.003": variant("adamw", 4, 0.003),
    }


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help="The contenders; by default all.")
    ] = None,
    minutes: float = 3.0,
    base: Annotated[str | None, typer.Option(help="A version to fine-tune.")] = None,
) -> None:
    """Run the contenders one after the other."""
    base_recipe = find_recipe(base or "v7-small")
    recipes = contenders(base_recipe)
    if unknown := set(names or []) - set(recipes):
        raise typer.BadParameter(f"{'; '.join(unknown)}: choose from {'; '.join(recipes)}")
    settings = TrainingSettings()
    folder = settings.cache_dir / "benchmarks" / base_recipe.version
    weights = None
    if base:
        base_model = BaseModel(settings.checkpoints_dir, base)
        base_model.prepare(base_recipe, folder)
        weights = base_model.weights_for(base_recipe, load_tokenizer(folder))
    sources = [
        DatasetSource.from_name(dataset.name, settings.datasets_dir)
        for dataset in base_recipe.datasets
    ]
    results = json.loads(OUT.read_bytes()) if OUT.exists() else {}
    for name in names or recipes:
        recipe = recipes[name]
        trial = Trial(
            prepare_training_data(recipe, sources, settings.cache_dir, folder),
            weights,
            folder / "run",
        )
        seconds = trial.seconds_per_step(recipe)
        last = trial.train(replace(recipe, steps=int(minutes * 60 / seconds)))
        results.setdefault(f"{base_recipe.version}, {minutes:g} minutes", {})[name] = {
            "nats_per_note": last.held_out_nats_per_note,
            "steps": last.step,
            "tokens": last.tokens,
            "seconds_per_step": seconds,
        }
        console.print(f"{name}: {last.held_out_nats_per_note:.3f} nats per note, {last.step} steps")
        OUT.write_text(json.dumps(results, indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class Trial:
    """Trains contenders on the same data from the same initial weights."""

    data: TrainingData
    weights: Mapping[str, Tensor] | None
    """Initial weights; None for random weights from the seed of the recipe."""
    folder: Path

    def train(self, recipe: Recipe) -> ValidationPoint:
        """Run a training, and return its last validation."""
        trainer = self._create(recipe)
        run_with_progress_bar(trainer, threading.Event())
        return trainer.state.validations[-1]

    def seconds_per_step(self, recipe: Recipe) -> float:
        """Processor seconds of a step for each thread, averaged over steps after the first."""
        trainer = self._create(recipe)
        trainer._step()
        start = time.process_time()
        for _ in range(TIMED_STEPS):
            trainer._step()
        return (time.process_time() - start) / TIMED_STEPS / torch.get_num_threads()

    def _create(self, recipe: Recipe) -> Trainer:
        shutil.rmtree(self.folder, ignore_errors=True)
        trainer = Trainer(
            recipe=recipe,
            data=self.data,
            folder=self.folder,
            state=TrainerState(commit="benchmark"),
        )
        if self.weights is not None:
            trainer.load_initial_weights(self.weights)
        return trainer


if __name__ == "__main__":
    typer.run(main)
