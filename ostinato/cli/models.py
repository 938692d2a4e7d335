"""`ostinato models` and `ostinato promote`: what can be asked for, and what waits for it.

Refuses to judge a version.
"""

from typing import Annotated

import typer

from ostinato.cli import tables
from ostinato.cli.console import AsJson, conversation, show
from ostinato.client import Client


def models(*, as_json: AsJson = False) -> None:
    """List the versions: those that can be asked for, and those that wait to be promoted."""
    with conversation() as client:
        rows = list(client.models())
    show(rows, tables.models, as_json=as_json)


def promote(
    version: Annotated[str, typer.Argument(help="The version.")],
    sha256: Annotated[
        str | None, typer.Option(help="Which weights; the newest of the version if left out.")
    ] = None,
) -> None:
    """Let workers play a version that was trained; each tries the weights first."""
    with conversation() as client:
        promoted = client.promote(version, sha256)
    weights = f"{promoted.version} with {promoted.sha256[:12]}"
    typer.echo(f"Workers try {weights} now, and play it once it has passed.")


def newest(client: Client) -> str:
    """The version that was promoted last; those that came together are told apart by name.

    Raises:
        typer.BadParameter: there is none.
    """
    dated = [(it.promoted_at, it.version) for it in client.models() if it.promoted_at is not None]
    if not dated:
        raise typer.BadParameter("the gateway offers no model yet", param_hint="--model")
    return max(dated)[1]
