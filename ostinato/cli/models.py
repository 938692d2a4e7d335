"""`ostinato models`, `ostinato promote`: list versions, promote weights."""

from typing import Annotated

import typer

from ostinato.cli import tables
from ostinato.cli.console import AsJson, client_session, show
from ostinato.client import Client


def models(*, as_json: AsJson = False) -> None:
    """List the model versions, promoted or not."""
    with client_session() as client:
        rows = list(client.models())
    show(rows, tables.models, as_json=as_json)


def promote(
    version: Annotated[str, typer.Argument(help="Name of the version.")],
    sha256: Annotated[
        str | None, typer.Option(help="Which weights; default: the newest of the version.")
    ] = None,
) -> None:
    """Make workers serve a trained version, after a self-test of the weights."""
    with client_session() as client:
        promoted = client.promote(version, sha256)
    weights = f"{promoted.version} ({promoted.sha256[:12]})"
    typer.echo(f"Workers load {weights} and serve it after a self-test.")


def latest_promoted(client: Client) -> str:
    """The version that was promoted last; of several at the same time, the last by name.

    Raises:
        typer.BadParameter: no version is promoted.
    """
    dated = [
        (model.promoted_at, model.version)
        for model in client.models()
        if model.promoted_at is not None
    ]
    if not dated:
        raise typer.BadParameter("--model: the gateway serves no model yet")
    return max(dated)[1]
