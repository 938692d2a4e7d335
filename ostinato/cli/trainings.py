"""`ostinato train` and what one does with trainings: follow, list, pause, resume, cancel.

Refuses to know how a model learns.
"""

from itertools import islice
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from rich.console import Console

from ostinato.cli import tables
from ostinato.cli.console import (
    INTERRUPTED,
    AsJson,
    Limit,
    checked,
    conversation,
    show,
    show_one,
)
from ostinato.cli.training_progress import follow
from ostinato.client import Client
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training, TrainingRequest

TrainingId = Annotated[UUID, typer.Argument(help="The training's id.")]


def train(  # noqa: PLR0913 - typer makes each argument an option
    recipe: Annotated[str, typer.Argument(help="One of the trainer's recipes.")],
    version: Annotated[str, typer.Argument(help="The name of the version to make.")],
    *,
    dataset: Annotated[
        str | None, typer.Option(help="A named set, or the id of one of your own.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="A version to train further.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Budget by the clock.")] = None,
    steps: Annotated[int | None, typer.Option(help="Budget in steps.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest.")] = None,
    batch: Annotated[int | None, typer.Option(help="Rows a step.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Examinations without a better one until it ends.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The recipe's own if left out.")] = None,
    detach: Annotated[bool, typer.Option(help="Do not wait for the end.")] = False,
) -> None:
    """Train a version by a recipe, and watch it learn; Ctrl-C only stops the watching."""
    overrides = {
        "minutes": minutes,
        "steps": steps,
        "learning_rate": learning_rate,
        "batch": batch,
        "patience": patience,
        "seed": seed,
    }
    request = checked(
        TrainingRequest,
        recipe=recipe,
        version=version,
        dataset=dataset,
        base=base,
        overrides=overrides,
    )
    with conversation() as client:
        training = client.train(request)
        typer.echo(f"Training {training.id}")
        if not detach:
            _watch(client, training)


def trainings(*, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your trainings, newest first."""
    with conversation() as client:
        rows = list(islice(client.trainings(), limit))
    show(rows, tables.trainings, as_json=as_json)


def training(training_id: TrainingId, *, as_json: AsJson = False) -> None:
    """Show how far a training is."""
    with conversation() as client:
        row = client.training(training_id)
    show_one(row, tables.facts, as_json=as_json)


def pause(training_id: TrainingId) -> None:
    """Let a training wait; it keeps what it has learnt."""
    with conversation() as client:
        typer.echo(whereabouts(client.pause(training_id)))


def resume(training_id: TrainingId) -> None:
    """Let a paused training go on."""
    with conversation() as client:
        typer.echo(whereabouts(client.resume(training_id)))


def whereabouts(training: Training) -> str:
    """A training in one sentence."""
    words = f"Training {training.id} is {training.state}"
    if training.error is not None:
        return f"{words}: {training.error.detail}"
    if training.best is None:
        return f"{words}."
    best = f"{training.best.held_out_nats_per_note:.3f} nats a note on held-out pieces"
    return f"{words}; at its best, after step {training.best.step}, {best}."


def _watch(client: Client, training: Training) -> None:
    try:
        follow(client, training, Console())
    except KeyboardInterrupt:
        _leave(training)
    training = client.training(training.id)
    typer.echo(whereabouts(training), err=training.error is not None)
    if training.state is not JobState.SUCCEEDED:
        raise typer.Exit(1)


def _leave(training: Training) -> NoReturn:
    stops = f"`ostinato cancel {training.id}` stops it"
    typer.echo(f"It goes on; {stops}, `ostinato training {training.id}` shows it.", err=True)
    raise typer.Exit(INTERRUPTED)
