"""The `ostinato` command: the client for people and scripts at a terminal.

Exit codes: 0; 1 if a job did not finish completely; 2 if the request cannot be served (the message
is the gateway's); 130 after Ctrl-C.
"""

from collections.abc import Callable
from importlib.metadata import version as version_of
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from ostinato.cli import (
    datasets,
    deletion,
    evaluations,
    generate,
    jobs,
    keys,
    local_stack,
    melodies,
    models,
    trainings,
)
from ostinato.cli.batches import commands as batches


class Command(NamedTuple):
    """A command or a group of commands, and an example of its arguments."""

    function: Callable[..., None] | typer.Typer
    example: str

    @property
    def name(self) -> str:
        """The name by which it is called."""
        return self.example.split()[0]


class OrderedGroup(TyperGroup):
    """Lists the commands in the order of `PANELS`; typer lists groups last."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - the type is private
        """The names of the commands."""
        return [command.name for commands in PANELS.values() for command in commands]


app = typer.Typer(
    cls=OrderedGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


PANELS = {
    "Melodies": (
        Command(generate.generate, "generate --count 4 --bars 8 --seed 7"),
        Command(melodies.melodies, "melodies --limit 5"),
        Command(melodies.melody, "melody MELODY_ID"),
        Command(melodies.download, "download MELODY_ID --out tunes"),
        Command(jobs.jobs, "jobs --state running"),
        Command(jobs.job, "job JOB_ID"),
        Command(jobs.receipt, "receipt JOB_ID"),
        Command(batches.app, "batch"),
        Command(batches.batches, "batches"),
        Command(jobs.cancel, "cancel JOB_ID"),
        Command(generate.reproduce, 'reproduce "$(ls out/*.mid | head -n 1)"'),
        Command(deletion.delete, "delete MELODY_ID --yes"),
    ),
    "Local stack": (
        Command(local_stack.up, "up"),
        Command(local_stack.down, "down"),
        Command(local_stack.doctor, "doctor"),
        Command(local_stack.backup, "backup ostinato.backup"),
        Command(local_stack.restore, "restore ostinato.backup"),
    ),
    "Models": (
        Command(models.models, "models"),
        Command(datasets.app, "datasets"),
        Command(trainings.train, "train mini my-tunes --minutes 30"),
        Command(trainings.trainings, "trainings"),
        Command(trainings.training, "training TRAINING_ID"),
        Command(trainings.pause, "pause TRAINING_ID"),
        Command(trainings.resume, "resume TRAINING_ID"),
        Command(models.promote, "promote my-tunes"),
        Command(models.demote, "demote my-tunes"),
        Command(models.publish, "publish my-tunes"),
        Command(evaluations.evaluate, "evaluate mini --count 100"),
        Command(evaluations.evaluations, "evaluations"),
        Command(evaluations.evaluation, "evaluation EVALUATION_ID"),
    ),
    "Account": (Command(keys.app, "keys"),),
}
"""The commands in the order of the help."""


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    if wanted:
        typer.echo(f"ostinato {version_of('ostinato')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Generate symbolic music: request melodies, watch their progress, save the MIDI files.

    A gateway must run: `ostinato up` starts one, and OSTINATO_URL names another.
    """


for panel, commands in PANELS.items():
    for command in commands:
        if isinstance(command.function, typer.Typer):
            app.add_typer(command.function, name=command.name, rich_help_panel=panel)
        else:
            epilog = f"Example: ostinato {command.example}"
            app.command(rich_help_panel=panel, epilog=epilog)(command.function)
