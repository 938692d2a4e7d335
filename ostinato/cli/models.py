"""`ostinato models`, `promote`, `publish`: list, promote, publish versions."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from ostinato.cli import tables
from ostinato.cli.console import AsJson, client_session, show
from ostinato.schemas.models import ModelVersion


def models(*, as_json: AsJson = False) -> None:
    """List the model versions, promoted or not, and the default."""
    with client_session() as client:
        rows = list(client.models())
    show(rows, tables.models, as_json=as_json)


def promote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of the version.")],
    sha256: Annotated[
        str | None, typer.Option(help="Which weights; default: the newest of the version.")
    ] = None,
) -> None:
    """Make workers serve a trained version; the default of `generate` stays."""
    with client_session() as client:
        before = [model for model in client.models() if model.promoted_at is not None]
        promoted = client.promote(version, sha256)
    for line in _changes(promoted, before):
        typer.echo(line)


def publish(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of the version.")],
) -> None:
    """Let every owner use a version that a client trained; needs a key of an admin."""
    with client_session() as client:
        client.publish(version)
    typer.echo(f"Every owner can use {version} now.")


def _changes(promoted: ModelVersion, before: Sequence[ModelVersion]) -> Iterator[str]:
    """What a promotion changes, and how to go back; `before` was promoted earlier."""
    version = promoted.version
    replaced = next((model.sha256 for model in before if model.version == version), None)
    if replaced == promoted.sha256:
        yield f"{version} is promoted with these weights already ({replaced[:12]})."
    else:
        yield f"Workers load {version} ({promoted.sha256[:12]}) and serve it after a self-test."
    if promoted.owner is not None:
        yield (
            f"Only {promoted.owner} and admins can use it; an admin publishes it by "
            f"`ostinato publish {version}`."
        )
    if replaced is None:
        yield f"{version} was not served before; all other versions stay as they are."
    elif replaced != promoted.sha256:
        yield f"It replaces {version} ({replaced[:12]}). To go back:"
        yield f"  ostinato promote {version} --sha256 {replaced}"
    if promoted.is_default:
        yield f"{version} is the default of `ostinato generate`."
        return
    default = next((model.version for model in before if model.is_default), None)
    stays = f"The default stays {default}" if default else "There is no default"
    yield (
        f"{stays}: `ostinato generate --model {version}` selects {version}. "
        f"To make it the default, start the gateway with OSTINATO_DEFAULT_MODEL={version}."
    )
