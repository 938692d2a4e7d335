"""`python -m tests.benchmarks.optimizers`: which optimizer teaches v7 more in the same time.

Every contender starts from the same weights. Its fastest of a few steps says how many of them fit
into the minutes, so a dearer step has to pay for itself and a busy machine favours nobody. Writes
docs/optimizers.json. Needs OSTINATO_DATA.
"""

import dataclasses
import json
import shutil
import threading
from itertools import pairwise
from pathlib import Path

import typer
from rich.console import Console

from services.trainer.data.dataset import Source
from services.trainer.loop import Progress, Training
from services.trainer.pipeline import Prepared, prepare
from services.trainer.recipes import Recipe, v7
from services.trainer.settings import TrainingSettings
from services.trainer.train import run_with_bar

OUT = Path("docs/optimizers.json")
TRIED_STEPS = 4
console = Console(stderr=True)


def contenders() -> dict[str, Recipe]:
    """Recipes that differ in how the weights move."""
    base = v7()

    def variant(**changes: object) -> Recipe:
        optimization = dataclasses.replace(base.optimization, **changes)  # type: ignore[arg-type]
        return dataclasses.replace(base, optimization=optimization, evaluate_every=10**6)

    return {
        "Muon, 12 rows": variant(batch=12, learning_rate=0.002),
        "Muon, 4 rows": variant(batch=4, learning_rate=0.002),
        "AdamW, 12 rows": variant(batch=12, matrices="adamw", learning_rate=0.001),
        "AdamW, 4 rows": variant(batch=4, matrices="adamw", learning_rate=0.001),
    }


def main(minutes: float = 8.0) -> None:
    """Run them one after the other."""
    settings = TrainingSettings()
    sources = [Source.of_name(part.name, settings.data) for part in v7().ingredients]
    runs = settings.home / "benchmarks"
    results = {}
    for name, recipe in contenders().items():
        prepared = prepare(recipe, sources, settings.home, settings.home / "runs" / "v7")
        seconds = seconds_a_step(recipe, prepared, runs / "trial")
        budget = dataclasses.replace(recipe, steps=int(minutes * 60 / seconds))
        end = train(budget, prepared, runs / name.replace(" ", "-")).progress.curve[-1]
        results[name] = dataclasses.asdict(end) | {"seconds_a_step": seconds}
        console.print(f"{name}: {end.held_out_nats_per_note:.3f} nats a note, {end.step} steps")
        OUT.write_text(json.dumps({"minutes": minutes, "runs": results}, indent=2) + "\n")


def train(recipe: Recipe, prepared: Prepared, folder: Path) -> Training:
    """A whole run, from the start."""
    shutil.rmtree(folder, ignore_errors=True)
    training = Training(
        recipe=recipe, material=prepared, folder=folder, progress=Progress(commit="benchmark")
    )
    run_with_bar(training, threading.Event())
    return training


def seconds_a_step(recipe: Recipe, prepared: Prepared, folder: Path) -> float:
    """The fastest of a few."""
    training = Training(
        recipe=recipe, material=prepared, folder=folder, progress=Progress(commit="benchmark")
    )
    ends = [0.0]
    while len(ends) <= TRIED_STEPS:
        training._step()
        ends.append(training.progress.seconds)
    return min(after - before for before, after in pairwise(ends))


if __name__ == "__main__":
    typer.run(main)
