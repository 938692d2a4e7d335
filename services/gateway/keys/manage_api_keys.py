"""Commands for API keys: `python -m services.gateway.keys.manage_api_keys`.

A key is printed once, when it is created; the database stores only its SHA-256. Scopes: `generate`
(melodies), `train` (data sets, trainings, evaluations), `admin` (promote and publish versions for
everybody, keys of all owners).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import typer

from ostinato.schemas.account.keys import MAX_GRACE_SECONDS, MAX_LIFETIME_DAYS, ApiKey, Scope
from shared.db.api_keys import ApiKeys
from shared.db.database import Database
from shared.errors import OstinatoError
from shared.settings import CommonSettings

T = TypeVar("T")

DEFAULT_SCOPES = [Scope.GENERATE, Scope.TRAIN]
SECONDS_PER_HOUR = 3600
COLUMNS = ("prefix", "owner", "name", "scopes", "created", "expires", "last used")
UNTIL_MINUTES = "%Y-%m-%d %H:%M"

app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.command()
def create(
    owner: str,
    scope: Annotated[
        list[Scope], typer.Option(help="What the key may be used for; repeat it for several.")
    ] = DEFAULT_SCOPES,
    name: Annotated[str, typer.Option(help="What the owner calls the key.")] = "",
    expires_in_days: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_LIFETIME_DAYS, help="Days until it expires; default: never."),
    ] = None,
) -> None:
    """Create a key for OWNER and print it; it cannot be printed again."""
    lifetime = None if expires_in_days is None else timedelta(days=expires_in_days)
    created = _with_keys(lambda keys: keys.create(owner, {*scope}, name=name, lifetime=lifetime))
    typer.echo(created.key)


@app.command("list")
def list_keys() -> None:
    """List the valid keys, in UTC, separated by tabs."""
    typer.echo("\t".join(COLUMNS))
    for key in _with_keys(lambda keys: keys.list_active()):
        typer.echo("\t".join(_row(key)))


@app.command()
def rotate(
    prefix: str,
    grace_hours: Annotated[
        int,
        typer.Option(
            min=0,
            max=MAX_GRACE_SECONDS // SECONDS_PER_HOUR,
            help="Hours for which the old key remains valid.",
        ),
    ] = 24,
) -> None:
    """Replace the key with this PREFIX, as `list` prints it, and print the new one."""

    async def replace(keys: ApiKeys) -> str:
        """Create the new key."""
        old = await keys.get_by_prefix(prefix)
        return (await keys.rotate(old, timedelta(hours=grace_hours))).key

    typer.echo(_with_keys(replace))


@app.command()
def revoke(prefix: str) -> None:
    """Revoke the key with this PREFIX, as `list` prints it."""

    async def end(keys: ApiKeys) -> None:
        """Revoke it, if it is valid."""
        await keys.revoke((await keys.get_by_prefix(prefix)).id)

    _with_keys(end)


def _row(key: ApiKey) -> tuple[str, ...]:
    times = (key.created_at, key.expires_at, key.last_used_at)
    return (key.prefix, key.owner, key.name, ",".join(key.scopes), *map(_minute, times))


def _minute(time: datetime | None) -> str:
    return "never" if time is None else time.strftime(UNTIL_MINUTES)


def _with_keys(query: Callable[[ApiKeys], Awaitable[T]]) -> T:
    async def run() -> T:
        """The result of the query, in a transaction."""
        database = Database.from_settings(CommonSettings.load(), pool_size=1)
        try:
            async with database.transaction() as connection:
                return await query(ApiKeys(connection))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except OstinatoError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
