"""`ostinato models`, `promote`, `demote`, `publish`: list and change versions."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from ostinato.cli import tables
from ostinato.cli.console import AsJson, client_session, show
from ostinato.schemas.models import ModelVersion, PromotionState

TEST_SECONDS = 60.0
"""How long `promote` waits for a worker that tests the weights."""


def models(*, as_json: AsJson = False) -> None:
    """List the model versions, promoted or not, and the default."""
    with client_session() as client:
        rows = list(client.models())
    show(rows, tables.models, as_json=as_json)
    if not as_json:
        for model in rows:
            if model.promotion_detail is not None:
                weights = f"{model.version} ({model.sha256[:12]})"
                typer.echo(f"{weights} is {model.promotion}: {model.promotion_detail}", err=True)


def promote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of the version.")],
    sha256: Annotated[
        str | None, typer.Option(help="Which weights; default: the newest of the version.")
    ] = None,
) -> None:
    """Make workers serve a trained version; waits until one has tested it.

    The default of `generate` stays.
    """
    with client_session() as client:
        before = [model for model in client.models() if model.promoted_at is not None]
        requested = client.promote(version, sha256)
        if requested.promotion is PromotionState.PENDING:
            typer.echo(f"The promotion is requested. {requested.promotion_detail}")
            requested = client.wait_for_promotion(requested, seconds=TEST_SECONDS)
    if requested.promotion is PromotionState.REFUSED:
        typer.echo(f"The promotion was refused: {requested.promotion_detail}", err=True)
        raise typer.Exit(1)
    for line in _changes(requested, before):
        typer.echo(line)


def demote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of the version.")],
) -> None:
    """Make workers unload a version, which no key can use until it is promoted again."""
    with client_session() as client:
        was_default = any(it.is_default and it.version == version for it in client.models())
        demoted = client.demote(version)
    typer.echo(f"{version} is not promoted any more: workers unload it, and requests for it fail.")
    if was_default:
        typer.echo("It is the default, so requests that name no model fail, too.")
    typer.echo("To go back:")
    typer.echo(f"  ostinato promote {version} --sha256 {demoted.sha256}")


def publish(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of the version.")],
) -> None:
    """Let every owner use a version that a client trained; needs a key of an admin."""
    with client_session() as client:
        client.publish(version)
    typer.echo(f"Every owner can use {version} now.")


def _changes(requested: ModelVersion, before: Sequence[ModelVersion]) -> Iterator[str]:
    """What a promotion changes, and how to go back; `before` was promoted earlier."""
    version = requested.version
    weights = f"{version} ({requested.sha256[:12]})"
    replaced = next((model.sha256 for model in before if model.version == version), None)
    if requested.promotion is PromotionState.PENDING:
        yield f"It is still pending: `ostinato models` shows whether workers serve {weights}."
        return
    if replaced == requested.sha256:
        yield f"{version} is promoted with these weights already ({replaced[:12]})."
    else:
        yield f"{weights} passed the self-test of a worker; new jobs get it."
    if requested.owner is not None:
        yield (
            f"Only {requested.owner} and admins can use it; an admin publishes it by "
            f"`ostinato publish {version}`."
        )
    if replaced is None:
        yield f"{version} was not served before; all other versions stay as they are."
    elif replaced != requested.sha256:
        yield f"It replaces {version} ({replaced[:12]}). To go back:"
        yield f"  ostinato promote {version} --sha256 {replaced}"
    default = next((model.version for model in before if model.is_default), None)
    if requested.is_default or version == default:
        yield f"{version} is the default of `ostinato generate`."
        return
    stays = f"The default stays {default}" if default else "There is no default"
    yield (
        f"{stays}: `ostinato generate --model {version}` selects {version}. "
        f"To make it the default, start the gateway with OSTINATO_DEFAULT_MODEL={version}."
    )
