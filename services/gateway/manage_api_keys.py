"""`python -m services.gateway.manage_api_keys`: make, list and revoke API keys.

A key is shown once, when it is made; only its SHA-256 is kept.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.api_keys import Keys
from shared.db.database import Database
from shared.errors import OstinatoError
from shared.settings import CommonSettings

DEVELOPER = "developer"
"""The owner of the key that development mode makes."""

T = TypeVar("T")

app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.command()
def create(owner: str) -> None:
    """Make a key for OWNER and print it; it cannot be shown again."""
    typer.echo(_within_transaction(lambda connection: Keys(connection).create(owner)))


@app.command("list")
def list_keys() -> None:
    """List the keys that open: prefix, owner, age."""
    for key in _within_transaction(lambda connection: Keys(connection).valid()):
        typer.echo("  ".join(key))


@app.command()
def revoke(prefix: str) -> None:
    """Close the key that begins with PREFIX, as `list` shows it."""
    _within_transaction(lambda connection: Keys(connection).revoke(prefix))


async def development_key(database: Database, file: Path) -> None:
    """Leave a key that opens in `file`, for this user alone: the old one if it still does."""
    async with database.transaction() as connection:
        keys = Keys(connection)
        if await keys.owner_of(_read(file)) is None:
            _write(file, await keys.create(DEVELOPER))


def _read(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _write(file: Path, key: str) -> None:
    file.touch(mode=0o600)
    file.write_text(key)


def _within_transaction(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def run() -> T:
        database = Database(CommonSettings().database_url, pool_size=1)
        try:
            async with database.transaction() as connection:
                return await work(connection)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except OstinatoError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
