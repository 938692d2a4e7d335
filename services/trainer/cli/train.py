"""`python -m services.trainer.cli.train mini --minutes 40`: train a recipe, or go on where it stopped.

TERM and INT write a checkpoint and exit with 75 (EX_TEMPFAIL of sysexits.h: call again to go on);
what cannot be done is a sentence and exit code 1.
`torchrun --nproc-per-node 2 -m services.trainer.cli.train mini` does the same with two processes.
Refuses to know databases; a finished model is made public by `export`.
"""

import logging
import os
import signal
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.trainer.cli.arguments import RecipeArgument, saying_why
from services.trainer.data.dataset import Dataset, Source
from services.trainer.recipes.recipes import Recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.base_model import Base, forget_base
from services.trainer.training.code_version import current_commit
from services.trainer.training.distributed import Group
from services.trainer.training.run_lock import locked
from services.trainer.training.stacking import Seed
from services.trainer.training.trainer import ALONE, LAST, Training
from services.trainer.training.trainer import Progress as RunProgress
from services.trainer.training.training_data import Prepared, prepare

console = Console(stderr=True)


def main(
    recipe: RecipeArgument,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Budget by the clock instead of in steps.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Begin with the weights of this version, which is of the same shape."),
    ] = None,
) -> None:
    """Train a recipe until its budget is spent or the held-out pieces stop getting better."""
    logging.basicConfig(level="INFO", format="%(message)s", handlers=[RichHandler(console=console)])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.EX_TEMPFAIL))  # nothing to keep so far
    group = Group.join()
    console.quiet = not group.leads
    folder = TrainingSettings().home / "runs" / recipe.version
    with saying_why(console), locked(folder) if group.leads else nullcontext():
        training = open_run(recipe, minutes, group, base)
        finished = run_with_bar(training, _told_to_stop())
    group.leave()
    if not finished:
        console.print("Stopped; the same command goes on from here.")
        raise typer.Exit(os.EX_TEMPFAIL)
    console.print(f"Finished: {training.progress.end}.")


def _told_to_stop() -> threading.Event:
    """From now on there is something to keep: TERM and INT are heeded between two steps."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def open_run(
    recipe: Recipe, minutes: float | None, group: Group = ALONE, base: str | None = None
) -> Training:
    """The run of a recipe: the one that was interrupted, or a new one, from a base if one is named.

    A new run has an optimizer that remembers nothing, whatever its weights begin as.
    """
    settings = TrainingSettings()
    folder = settings.home / "runs" / recipe.version
    goes_on = (folder / LAST).exists()
    begins_with = _base(base, settings, folder)
    seed = None if goes_on or begins_with is not None else _seed(recipe, settings)
    if not group.leads:
        group.wait()
    elif begins_with is not None:
        begins_with.lend_vocabulary(recipe, folder)
    elif not goes_on:
        forget_base(folder)
    material = _prepare(recipe, settings, folder)
    if group.leads:
        _account_for(material, folder)
        group.wait()
    training = Training(
        recipe=recipe,
        material=material,
        folder=folder,
        progress=RunProgress(commit=current_commit()),
        minutes=minutes,
        group=group,
    )
    if goes_on:
        training.resume()
    elif begins_with is not None:
        training.begin_from(begins_with.weights_for(recipe))
    elif seed is not None:
        seed.grow(training, folder)
    return training


def _base(named: str | None, settings: TrainingSettings, folder: Path) -> Base | None:
    """What a new run begins with, if it is named; one that goes on needs nothing."""
    if named is None:
        return None
    if (folder / LAST).exists():
        console.print(f"{folder} goes on where it stopped; {named} is not taken up again.")
        return None
    return Base(settings.checkpoints, named)


def _seed(recipe: Recipe, settings: TrainingSettings) -> Seed | None:
    """What a new run grows from, if its recipe says so."""
    if recipe.begins_from is None:
        return None
    return Seed.of_run(recipe.begins_from, settings.home / "runs")


def _prepare(recipe: Recipe, settings: TrainingSettings, folder: Path) -> Prepared:
    sources = [Source.of_name(part.name, settings.data) for part in recipe.ingredients]
    return prepare(recipe, sources, settings.home, folder)


def _account_for(material: Prepared, folder: Path) -> None:
    for dataset in material.datasets:
        dataset.list_left_out(folder / f"left-out-{dataset.name}.tsv")
        console.print(_table(dataset))
    console.print(_summary(material))


def run_with_bar(training: Training, stop: threading.Event) -> bool:
    """Train with a progress bar; False if it was stopped."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Training", total=1.0)

        def report() -> None:
            progress = training.progress
            text = f"Step {progress.step}"
            if progress.curve:
                text += f", best {progress.best.held_out_nats_per_note:.3f} nats a note held out"
            bar.update(task, completed=training.spent, description=text)

        return training.run(stop.is_set, report)


def _table(dataset: Dataset) -> Table:
    """What became of the music, before anything is learnt from it."""
    report = dataset.report
    table = Table("Data set", dataset.name)
    for name, value in (
        ("pieces found", report.found),
        *(("  " + reason, count) for reason, count in report.left_out.items()),
        ("pieces kept", report.kept),
        ("families", report.families),
        ("held out", report.held_out),
        ("test", report.test),
        ("notes", report.notes),
        ("hours", report.hours),
    ):
        table.add_row(name, f"{value:,}")
    return table


def _summary(material: Prepared) -> str:
    return (
        f"{material.tokens:,} tokens, {material.tokens / material.notes:.2f} a note; vocabulary "
        f"{material.vocabulary.vocab_size:,}; prepared in {material.seconds:.1f} s"
    )


if __name__ == "__main__":
    typer.run(main)
