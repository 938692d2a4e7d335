"""`python -m tests.benchmarks.optimizers`: compares optimizers at equal training time.

The network is v7-small, from which v7 grows, with the same initial weights for every contender; or,
with `--base v8`, that version, fine-tuned by its own recipe. The number of steps follows from the
processor time of a step, so other load on the machine does not favour a contender. Writes to
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
from services.trainer.recipes.recipes import Recipe, find_recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.base_model import BaseModel
from services.trainer.training.trainer import Trainer, TrainerState, ValidationPoint
from services.trainer.training.training_data import TrainingData, prepare_training_data

OUT = Path("docs/optimizers.json")
TIMED_STEPS = 4
console = Console(stderr=True)


def contenders(own: Recipe) -> dict[str, Recipe]:
    """Variants of a recipe with different optimizers."""

    def variant(matrices: Literal["muon", "adamw"], batch: int, rate: float) -> Recipe:
        optimization = replace(
            own.optimization, matrix_optimizer=matrices, batch_size=batch, learning_rate=rate
        )
        return replace(own, optimization=optimization, validate_every=10**6)

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
    own = find_recipe(base or "v7-small")
    chosen = contenders(own)
    if unknown := set(names or []) - set(chosen):
        raise typer.BadParameter(f"{'; '.join(unknown)}: choose from {'; '.join(chosen)}")
    settings = TrainingSettings()
    folder = settings.cache_dir / "benchmarks" / own.version
    weights = None
    if base:
        published = BaseModel(settings.checkpoints_dir, base)
        published.copy_tokenizer(own, folder)
        weights = published.weights_for(own)
    sources = [DatasetSource.from_name(part.name, settings.datasets_dir) for part in own.datasets]
    results = json.loads(OUT.read_bytes()) if OUT.exists() else {}
    for name in names or chosen:
        recipe = chosen[name]
        trial = Trial(
            prepare_training_data(recipe, sources, settings.cache_dir, folder),
            weights,
            folder / "run",
        )
        seconds = trial.seconds_per_step(recipe)
        end = trial.train(replace(recipe, steps=int(minutes * 60 / seconds)))
        results.setdefault(f"{own.version}, {minutes:g} minutes", {})[name] = {
            "nats_per_note": end.held_out_nats_per_note,
            "steps": end.step,
            "tokens": end.tokens,
            "seconds_a_step": seconds,
        }
        console.print(f"{name}: {end.held_out_nats_per_note:.3f} nats a note, {end.step} steps")
        OUT.write_text(json.dumps(results, indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class Trial:
    """Trains contenders on the same data from the same initial weights."""

    data: TrainingData
    weights: Mapping[str, Tensor] | None
    """Initial weights; None: random ones by the recipe's seed."""
    folder: Path

    def train(self, recipe: Recipe) -> ValidationPoint:
        """Run a training, and return its last validation."""
        trainer = self._create(recipe)
        run_with_progress_bar(trainer, threading.Event())
        return trainer.state.validations[-1]

    def seconds_per_step(self, recipe: Recipe) -> float:
        """Processor seconds, averaged over a few steps after the first."""
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
