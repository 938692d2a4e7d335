"""`ostinato train`, and commands that list, show, pause and resume trainings."""

from itertools import islice
from typing import Annotated, NoReturn
from uuid import UUID

import typer

from ostinato.cli import tables
from ostinato.cli.console import INTERRUPTED, AsJson, Limit, client_session, show, show_one
from ostinato.cli.parsing import number, parse_id, validated
from ostinato.cli.progress import progress_console
from ostinato.cli.training_progress import show_progress
from ostinato.client import Client
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import HyperparameterOverrides, Training, TrainingRequest

TrainingId = Annotated[
    UUID, typer.Argument(parser=parse_id, metavar="TRAINING_ID", help="Id of the training.")
]


def train(  # noqa: PLR0913 - typer makes each argument an option
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="Name of a recipe, such as mini.")
    ],
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Name of the new version, such as my-tunes.")
    ],
    *,
    dataset: Annotated[
        str | None, typer.Option(help="A named data set, or the id of an uploaded one.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="The version to fine-tune.")] = None,
    minutes: Annotated[
        float | None, number(HyperparameterOverrides, "minutes", "Time budget.")
    ] = None,
    steps: Annotated[
        int | None, number(HyperparameterOverrides, "steps", "Budget in steps, not minutes.")
    ] = None,
    learning_rate: Annotated[
        float | None, number(HyperparameterOverrides, "learning_rate", "Peak learning rate.")
    ] = None,
    batch_size: Annotated[
        int | None, number(HyperparameterOverrides, "batch_size", "Rows per step.")
    ] = None,
    patience: Annotated[
        int | None,
        number(
            HyperparameterOverrides,
            "patience",
            "Validations without an improvement before it stops.",
        ),
    ] = None,
    seed: Annotated[
        int | None, number(HyperparameterOverrides, "seed", "Default: the recipe's.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
) -> None:
    """Train a version by a recipe and show its progress; Ctrl-C leaves it running."""
    overrides = {
        "minutes": minutes,
        "steps": steps,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "patience": patience,
        "seed": seed,
    }
    request = validated(
        TrainingRequest,
        recipe=recipe,
        version=version,
        dataset=dataset,
        base=base,
        overrides=overrides,
    )
    with client_session() as client:
        training = client.train(request)
        typer.echo(f"Training {training.id}")
        if not detach:
            _wait(client, training)


def trainings(*, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your trainings, newest first."""
    with client_session() as client:
        rows = list(islice(client.trainings(), limit))
    show(rows, tables.trainings, as_json=as_json)


def training(training_id: TrainingId, *, as_json: AsJson = False) -> None:
    """Show a training and its progress."""
    with client_session() as client:
        row = client.training(training_id)
    show_one(row, tables.training, as_json=as_json)


def pause(training_id: TrainingId) -> None:
    """Pause a training; it keeps its progress."""
    with client_session() as client:
        typer.echo(status_line(client.pause(training_id)))


def resume(training_id: TrainingId) -> None:
    """Resume a paused training."""
    with client_session() as client:
        typer.echo(status_line(client.resume(training_id)))


def status_line(training: Training) -> str:
    """A training in one sentence."""
    status = f"Training {training.id} is {training.state}"
    if training.error is not None:
        return f"{status}: {training.error.detail}"
    if training.best is None:
        return f"{status}."
    best = f"{training.best.held_out_nats_per_note:.3f} nats per held-out note"
    return f"{status}; best validation after step {training.best.step}: {best}."


def _wait(client: Client, training: Training) -> None:
    try:
        show_progress(client, training, progress_console())
    except KeyboardInterrupt:
        _detach(training)
    training = client.training(training.id)
    typer.echo(status_line(training), err=training.error is not None)
    if training.state is not JobState.SUCCEEDED:
        raise typer.Exit(1)


def _detach(training: Training) -> NoReturn:
    commands = f"`ostinato training {training.id}` shows it, `ostinato cancel {training.id}`"
    typer.echo(f"The training continues; {commands} stops it.", err=True)
    raise typer.Exit(INTERRUPTED)
