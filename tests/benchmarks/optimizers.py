"""`python -m tests.benchmarks.optimizers`: which optimizer teaches v7 more in the same time.

Every contender starts from the same weights and learns until the same minutes are spent, so a
dearer step has to pay for itself. Writes docs/optimizers.json. Needs OSTINATO_DATA.
"""

import dataclasses
import json
import threading
from pathlib import Path

import typer
from rich.console import Console

from services.trainer.data.dataset import Source
from services.trainer.loop import Progress, Training
from services.trainer.pipeline import prepare
from services.trainer.recipes import Recipe, v7
from services.trainer.settings import TrainingSettings
from services.trainer.train import run_with_bar

OUT = Path("docs/optimizers.json")
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
    results = {}
    for name, recipe in contenders().items():
        run = settings.home / "benchmarks" / name.replace(" ", "-")
        prepared = prepare(recipe, sources, settings.home, settings.home / "runs" / "v7")
        training = Training(
            recipe=recipe,
            material=prepared,
            folder=run,
            progress=Progress(commit="benchmark"),
            minutes=minutes,
        )
        run_with_bar(training, threading.Event())
        end = training.progress.curve[-1]
        results[name] = dataclasses.asdict(end)
        console.print(
            f"{name}: {end.held_out_nats_per_note:.3f} nats a note, {end.tokens:,} tokens"
        )
        OUT.write_text(json.dumps({"minutes": minutes, "runs": results}, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
