"""`ostinato delete`: delete melodies, jobs of any kind, primers and own versions."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli.console import client_session
from ostinato.client import Client
from ostinato.errors import ApiError

DELETE_BY_KIND: dict[str, Callable[[Client, UUID], None]] = {
    "melody": Client.delete_melody,
    "job": Client.delete_job,
    "batch": Client.delete_batch,
    "training": Client.delete_training,
    "evaluation": Client.delete_evaluation,
    "engraving": Client.delete_engraving,
    "dataset": Client.delete_dataset,
    "primer": Client.delete_primer,
}
"""The ids of all kinds differ, so the first kind that has the id is the right one."""
NAMES = {"dataset": "data set"}
"""What messages call the kinds whose name in the API has another form."""


def delete(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="ID",
            help="Ids of melodies, jobs, batches, trainings, evaluations, data sets, engravings or "
            "primers; or names of versions that your trainings produced.",
        ),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete melodies, jobs with all their melodies, data sets, trainings, own versions."""
    if not yes:
        typer.confirm(f"Delete {', '.join(names)}? This cannot be undone.", abort=True)
    with client_session() as client:
        for name in names:
            typer.echo(f"Deleted {_delete(client, name)} {name}.")


def _delete(client: Client, name: str) -> str:
    """Delete what has this id or this name, and return its kind."""
    try:
        found_id = UUID(name)
    except ValueError:
        client.delete_model(name)
        return "version"
    for kind, delete_one in DELETE_BY_KIND.items():
        try:
            delete_one(client, found_id)
        except ApiError as error:
            if error.code != f"{kind}_not_found":
                raise
        else:
            return NAMES.get(kind, kind)
    *kinds, last = (NAMES.get(kind, kind) for kind in DELETE_BY_KIND)
    typer.echo(f"There is no {', '.join(kinds)} or {last} '{found_id}'.", err=True)
    raise typer.Exit(2)
