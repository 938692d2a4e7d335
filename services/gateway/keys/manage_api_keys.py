"""Create, list and revoke keys: `python -m services.gateway.keys.manage_api_keys`.

A key is printed once, when it is created; the database stores only its SHA-256.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.api_keys import ApiKeys
from shared.db.database import Database
from shared.errors import OstinatoError
from shared.settings import CommonSettings

T = TypeVar("T")

app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.command()
def create(owner: str) -> None:
    """Create a key for OWNER and print it; it cannot be printed again."""
    typer.echo(_in_transaction(lambda connection: ApiKeys(connection).create(owner)))


@app.command("list")
def list_keys() -> None:
    """List the valid keys: prefix, owner, creation time."""
    for key in _in_transaction(lambda connection: ApiKeys(connection).list_active()):
        typer.echo("  ".join(key))


@app.command()
def revoke(prefix: str) -> None:
    """Revoke the key with this PREFIX, as `list` prints it."""
    _in_transaction(lambda connection: ApiKeys(connection).revoke(prefix))


def _in_transaction(query: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database.from_settings(CommonSettings.load(), pool_size=1)
        try:
            async with database.transaction() as connection:
                return await query(connection)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except OstinatoError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
