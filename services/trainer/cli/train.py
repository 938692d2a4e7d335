"""`python -m services.trainer.cli.train mini`: trains a recipe, or resumes a run.

SIGTERM and SIGINT write a checkpoint and exit with 75 (EX_TEMPFAIL of sysexits.h: run the command
again to resume). Known errors exit with 1. `torchrun --nproc-per-node 2 -m
services.trainer.cli.train mini` trains with two processes. `services.trainer.cli.export` writes the
finished model's checkpoint folder.
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

from services.trainer.cli.arguments import PhaseOption, RecipeArgument, exit_on_error
from services.trainer.data.dataset import Dataset, DatasetSource
from services.trainer.recipes.phases import Phase, in_phase, run_name
from services.trainer.recipes.recipe import Recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.base_model import BaseModel, clear_base
from services.trainer.training.code_version import current_commit
from services.trainer.training.decay import ConstantRun
from services.trainer.training.distributed import ProcessGroup
from services.trainer.training.run_lock import lock_run
from services.trainer.training.stacking import ParentRun
from services.trainer.training.trainer import SINGLE_PROCESS, Trainer
from services.trainer.training.trainer_state import LAST_CHECKPOINT, TrainerState
from services.trainer.training.training_data import (
    TrainingData,
    prepare_training_data,
)

console = Console(stderr=True)


def main(
    recipe: RecipeArgument,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Time budget, instead of the recipe's steps.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Fine-tune this version, which must have the recipe's shape."),
    ] = None,
    phase: PhaseOption = None,
) -> None:
    """Train a recipe until its budget is spent or the held-out loss stops improving."""
    if base is not None and phase is Phase.DECAY:
        raise typer.BadParameter("--base: a decay run starts with the run of --phase constant.")
    logging.basicConfig(level="INFO", format="%(message)s", handlers=[RichHandler(console=console)])
    # Before the first step there is nothing to save.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.EX_TEMPFAIL))
    settings = TrainingSettings.load()
    group = ProcessGroup.join(settings.device)
    console.quiet = not group.is_main
    folder = settings.cache_dir / "runs" / run_name(recipe, phase)
    with exit_on_error(console), lock_run(folder) if group.is_main else nullcontext():
        trainer = open_run(recipe, minutes, group, base, phase)
        finished = run_with_progress_bar(trainer, _install_stop_handlers())
    group.close()
    if not finished:
        console.print("Stopped; run the same command again to resume.")
        raise typer.Exit(os.EX_TEMPFAIL)
    console.print(f"Finished: {trainer.state.stop_reason}.")


def _install_stop_handlers() -> threading.Event:
    """An event that SIGTERM and SIGINT set from now on; the trainer checks it between steps."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def open_run(
    recipe: Recipe,
    minutes: float | None,
    group: ProcessGroup = SINGLE_PROCESS,
    base: str | None = None,
    phase: Phase | None = None,
) -> Trainer:
    """Resume the run of a recipe, or start a new one, which fine-tunes `base` if it is given.

    The optimizer state of a new run is empty, except in a decay run.
    """
    settings = TrainingSettings.load()
    folder = settings.cache_dir / "runs" / run_name(recipe, phase)
    resumes = (folder / LAST_CHECKPOINT).exists()
    if resumes and base is not None:
        console.print(f"{folder} is resumed; --base {base} is ignored.")
    start = None if resumes else _find_start(recipe, settings, base, phase)
    recipe = in_phase(recipe, phase)
    if not group.is_main:
        group.barrier()  # wait until the main process has prepared the data
    elif start is not None:
        start.prepare(recipe, folder)
    elif not resumes:
        clear_base(folder)
    data = _prepare(recipe, settings, folder)
    if group.is_main:
        _print_dataset_report(data, folder)
        group.barrier()
    trainer = Trainer(
        recipe=recipe,
        data=data,
        folder=folder,
        state=TrainerState(commit=current_commit()),
        minutes=minutes,
        group=group,
    )
    if resumes:
        trainer.resume()
    elif start is not None:
        start.initialize(trainer, folder)
    return trainer


def _find_start(
    recipe: Recipe, settings: TrainingSettings, base: str | None, phase: Phase | None
) -> BaseModel | ConstantRun | ParentRun | None:
    """What the new run of a recipe starts with; None for random weights."""
    runs = settings.cache_dir / "runs"
    if phase is Phase.DECAY:
        return ConstantRun(recipe, runs)
    if base is not None:
        return BaseModel(settings.checkpoints_dir, base)
    return None if recipe.grow_from is None else ParentRun.load(recipe.grow_from, runs)


def _prepare(recipe: Recipe, settings: TrainingSettings, folder: Path) -> TrainingData:
    sources = [
        DatasetSource.from_name(part.name, settings.datasets_dir) for part in recipe.datasets
    ]
    return prepare_training_data(recipe, sources, settings.cache_dir, folder)


def _print_dataset_report(data: TrainingData, folder: Path) -> None:
    """Print the counts of each data set, and list skipped pieces in the run's folder."""
    for dataset in data.datasets:
        dataset.write_skipped(folder / f"skipped-{dataset.name}.tsv")
        console.print(_table(dataset))
    console.print(_summary(data))


def run_with_progress_bar(trainer: Trainer, stop: threading.Event) -> bool:
    """Train with a progress bar; False if the run was stopped before its end."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Training", total=1.0)

        def report() -> None:
            state = trainer.state
            text = f"Step {state.step}"
            if state.validations:
                text += f", best held-out loss {state.best.best_nats_per_note:.3f} nats/note"
            bar.update(task, completed=trainer.progress, description=text)

        return trainer.run(stop.is_set, report)


def _table(dataset: Dataset) -> Table:
    counts = dataset.counts
    table = Table("Data set", dataset.name)
    for name, value in (
        ("pieces found", counts.found),
        *(("  " + reason, count) for reason, count in counts.skipped.items()),
        ("pieces used", counts.used),
        ("duplicate groups", counts.duplicate_groups),
        ("held out", counts.held_out),
        ("test", counts.test),
        ("notes", counts.num_notes),
        ("hours", counts.hours),
    ):
        table.add_row(name, f"{value:,}")
    return table


def _summary(data: TrainingData) -> str:
    return (
        f"{data.num_tokens:,} tokens, {data.num_tokens / data.num_notes:.2f} per note; vocabulary "
        f"{data.tokenizer.vocab_size:,}; prepared in {data.preparation_seconds:.1f} s"
    )


if __name__ == "__main__":
    typer.run(main)
