"""`python -m tests.benchmarks.optimizers`: which optimizer teaches more in the same time.

The network is v7-small, which v7 grows from, with the same fresh weights for every contender; or,
with `--base v8`, that version as it is published, taught further by its own recipe. Processor
seconds of a step say how many of them fit into the minutes, so a dearer step has to pay for itself
and a busy machine favours nobody. Puts what it measured into docs/optimizers.json, by the network
and the minutes. Needs OSTINATO_DATA.
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
from services.trainer.training.trainer import ValidationPoint, TrainerState, Trainer
from services.trainer.training.training_data import TrainingData, prepare_training_data

OUT = Path("docs/optimizers.json")
TRIED_STEPS = 4
console = Console(stderr=True)


def contenders(own: Recipe) -> dict[str, Recipe]:
    """Recipes that differ from one in how the weights move."""

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
        list[str] | None, typer.Argument(help="All that there are, if left out.")
    ] = None,
    minutes: float = 3.0,
    base: Annotated[
        str | None, typer.Option(help="A published version, to be taught further.")
    ] = None,
) -> None:
    """Run them one after the other."""
    own = find_recipe(base or "v7-small")
    chosen = contenders(own)
    if unknown := set(names or []) - set(chosen):
        raise typer.BadParameter(f"{'; '.join(unknown)}: there are {'; '.join(chosen)}")
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
        school = School(prepare_training_data(recipe, sources, settings.cache_dir, folder), weights, folder / "run")
        seconds = school.seconds_a_step(recipe)
        end = school.teach(replace(recipe, steps=int(minutes * 60 / seconds)))
        results.setdefault(f"{own.version}, {minutes:g} minutes", {})[name] = {
            "nats_per_note": end.held_out_nats_per_note,
            "steps": end.step,
            "tokens": end.tokens,
            "seconds_a_step": seconds,
        }
        console.print(f"{name}: {end.held_out_nats_per_note:.3f} nats a note, {end.step} steps")
        OUT.write_text(json.dumps(results, indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class School:
    """Where every contender learns the same music from the same beginning."""

    material: TrainingData
    weights: Mapping[str, Tensor] | None
    """What to begin with; None: fresh ones, by the recipe's seed."""
    folder: Path

    def teach(self, recipe: Recipe) -> ValidationPoint:
        """A whole run, and where it ends."""
        training = self._begin(recipe)
        run_with_progress_bar(training, threading.Event())
        return training.state.validations[-1]

    def seconds_a_step(self, recipe: Recipe) -> float:
        """Of the processor, on average over a few steps after the first."""
        training = self._begin(recipe)
        training._step()
        begun = time.process_time()
        for _ in range(TRIED_STEPS):
            training._step()
        return (time.process_time() - begun) / TRIED_STEPS / torch.get_num_threads()

    def _begin(self, recipe: Recipe) -> Trainer:
        shutil.rmtree(self.folder, ignore_errors=True)
        training = Trainer(
            recipe=recipe,
            data=self.material,
            folder=self.folder,
            state=TrainerState(commit="benchmark"),
        )
        if self.weights is not None:
            training.load_initial_weights(self.weights)
        return training


if __name__ == "__main__":
    typer.run(main)
