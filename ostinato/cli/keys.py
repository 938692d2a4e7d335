"""`ostinato keys`: list, create, rotate and revoke API keys."""

from itertools import islice
from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli import tables
from ostinato.cli.console import AsJson, Limit, client_session, show
from ostinato.cli.parsing import number, parse_id, validated
from ostinato.schemas.account.keys import (
    MAX_GRACE_SECONDS,
    ApiKeyRequest,
    CreatedApiKey,
    RotationRequest,
    Scope,
)

SECONDS_PER_HOUR = 3600
DEFAULT_SCOPES = [Scope.GENERATE, Scope.TRAIN]

app = typer.Typer(help="List, create, rotate and revoke API keys.", no_args_is_help=True)

KeyId = Annotated[
    UUID,
    typer.Argument(parser=parse_id, metavar="KEY_ID", help="Id of the key, as `list` prints it."),
]
OwnerName = Annotated[
    str | None, typer.Option(help="Another owner; needs the scope admin. Default: you.")
]


@app.command("list", epilog="Example: ostinato keys list")
def list_keys(*, owner: OwnerName = None, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the valid keys, newest first, without their secrets."""
    with client_session() as client:
        rows = list(islice(client.keys(owner), limit))
    show(rows, tables.keys, as_json=as_json)


@app.command(epilog="Example: ostinato keys create nightly --expires-in-days 30")
def create(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="What you call the key.")] = "",
    *,
    scope: Annotated[
        list[Scope], typer.Option(help="What the key may be used for; repeat it for several.")
    ] = DEFAULT_SCOPES,
    owner: OwnerName = None,
    expires_in_days: Annotated[
        int | None,
        number(ApiKeyRequest, "expires_in_days", "Days until it expires; default: never."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a key and print it; it cannot be printed again."""
    request = validated(
        ApiKeyRequest,
        name=name,
        scopes=[known for known in Scope if known in scope],
        owner=owner,
        expires_in_days=expires_in_days,
    )
    with client_session() as client:
        created = client.create_key(request)
    _show(created, as_json=as_json)


@app.command(epilog="Example: ostinato keys rotate KEY_ID --grace-hours 1")
def rotate(
    key_id: KeyId,
    *,
    grace_hours: Annotated[
        int,
        typer.Option(
            min=0,
            max=MAX_GRACE_SECONDS // SECONDS_PER_HOUR,
            help="Hours for which the old key remains valid.",
        ),
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Replace a key and print the new one; usage and webhooks of the key continue."""
    with client_session() as client:
        request = RotationRequest(grace_seconds=grace_hours * SECONDS_PER_HOUR)
        created = client.rotate_key(key_id, request)
    _show(created, as_json=as_json)
    typer.echo(f"The old key is valid for {grace_hours} more hours.", err=True)


@app.command(epilog="Example: ostinato keys revoke KEY_ID")
def revoke(key_id: KeyId) -> None:
    """Revoke a key; it is valid for up to one more second."""
    with client_session() as client:
        client.revoke_key(key_id)
    typer.echo(f"Revoked key {key_id}.")


def _show(created: CreatedApiKey, *, as_json: bool) -> None:
    """Print the secret alone, so that a script can read it."""
    typer.echo(created.model_dump_json(indent=2) if as_json else created.key)
    typer.echo(f"Key {created.id} of {created.owner}; it is not shown again.", err=True)
