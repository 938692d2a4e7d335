"""`python -m tests.benchmarks.optimizers`: which optimizer teaches more in the same time.

The network is the seedling that v7 grows from. Every contender starts from the same fresh weights.
Processor seconds of a step say how many of them fit into the minutes, so a dearer step has to pay
for itself and a busy machine favours nobody. Puts what it measured into docs/optimizers.json, by
the minutes. Needs OSTINATO_DATA.
"""

import dataclasses
import json
import shutil
import threading
import time
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer
from rich.console import Console

from services.trainer.data.dataset import Source
from services.trainer.loop import Progress, Training
from services.trainer.pipeline import Prepared, prepare
from services.trainer.recipes import Recipe, seedling
from services.trainer.settings import TrainingSettings
from services.trainer.train import run_with_bar

OUT = Path("docs/optimizers.json")
TRIED_STEPS = 4
console = Console(stderr=True)


def contenders() -> dict[str, Recipe]:
    """Recipes that differ in how the weights move: the seedling's own first."""
    base = seedling()

    def variant(matrices: Literal["muon", "adamw"], batch: int, rate: float) -> Recipe:
        optimization = dataclasses.replace(
            base.optimization, matrices=matrices, batch=batch, learning_rate=rate
        )
        return dataclasses.replace(base, optimization=optimization, evaluate_every=10**6)

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
) -> None:
    """Run them one after the other."""
    chosen = contenders()
    if unknown := set(names or []) - set(chosen):
        raise typer.BadParameter(f"{'; '.join(unknown)}: there are {'; '.join(chosen)}")
    settings = TrainingSettings()
    sources = [Source.of_name(part.name, settings.data) for part in seedling().ingredients]
    runs = settings.home / "benchmarks"
    results = json.loads(OUT.read_bytes()) if OUT.exists() else {}
    for name in names or chosen:
        recipe = chosen[name]
        prepared = prepare(recipe, sources, settings.home, settings.home / "runs" / "seedling")
        seconds = seconds_a_step(recipe, prepared, runs / "trial")
        budget = dataclasses.replace(recipe, steps=int(minutes * 60 / seconds))
        end = train(
            budget, prepared, runs / name.replace(", ", "-").replace(" ", "-")
        ).progress.curve[-1]
        results.setdefault(f"{minutes:g} minutes", {})[name] = {
            "nats_per_note": end.held_out_nats_per_note,
            "steps": end.step,
            "tokens": end.tokens,
            "seconds_a_step": seconds,
        }
        console.print(f"{name}: {end.held_out_nats_per_note:.3f} nats a note, {end.step} steps")
        OUT.write_text(json.dumps(results, indent=2) + "\n")


def train(recipe: Recipe, prepared: Prepared, folder: Path) -> Training:
    """A whole run, from the start."""
    shutil.rmtree(folder, ignore_errors=True)
    training = Training(
        recipe=recipe, material=prepared, folder=folder, progress=Progress(commit="benchmark")
    )
    run_with_bar(training, threading.Event())
    return training


def seconds_a_step(recipe: Recipe, prepared: Prepared, folder: Path) -> float:
    """Of the processor, on average over a few steps after the first."""
    training = Training(
        recipe=recipe, material=prepared, folder=folder, progress=Progress(commit="benchmark")
    )
    training._step()
    begun = time.process_time()
    for _ in range(TRIED_STEPS):
        training._step()
    return (time.process_time() - begun) / TRIED_STEPS / torch.get_num_threads()


if __name__ == "__main__":
    typer.run(main)
