"""Shared by all commands: client session, errors, exit codes, output format."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table

from ostinato.client import Client, connect
from ostinato.errors import ApiError, ClientError

SchemaT = TypeVar("SchemaT", bound=BaseModel)

UNAUTHORIZED = 401
NO_KEY_HELP = "Set OSTINATO_API_KEY, or run this in the folder of `make up` (it has var/api_key)."
INTERRUPTED = 130
"""The exit code after Ctrl-C, as in a shell: 128 + SIGINT."""
NAME_LIST_MEMBERS = ("models", "recipes", "datasets")
"""Members of an error response that list the available names if the requested one is unknown."""

Limit = Annotated[int, typer.Option(min=1, help="Maximum number of rows.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def client_session() -> Iterator[Client]:
    """A client for one command; prints a client error as one sentence and exits with code 2."""
    try:
        with connect() as client:
            yield client
    except ClientError as error:
        typer.echo(error.detail, err=True)
        if isinstance(error, ApiError):
            _print_help(error)
        raise typer.Exit(2) from error


@contextmanager
def exit_on_write_error(out: Path, help_text: str = "") -> Iterator[None]:
    """Print an OSError as one sentence, followed by the help text, and exit with code 2."""
    try:
        yield
    except OSError as error:
        path = error.filename or out
        typer.echo(f"Cannot write to {path}: {error.strerror}.{help_text}", err=True)
        raise typer.Exit(2) from error


def _print_help(error: ApiError) -> None:
    for member in NAME_LIST_MEMBERS:
        if error.extra.get(member):
            typer.echo(f"Available {member}: {', '.join(error.extra[member])}.", err=True)
    if error.status == UNAUTHORIZED:
        typer.echo(NO_KEY_HELP, err=True)


def validated(schema: type[SchemaT], **fields: object) -> SchemaT:
    """Validate the options of a command, and return them as a request.

    Raises:
        typer.BadParameter: an option is invalid; the message names it.
    """
    try:
        return schema.model_validate(fields)
    except ValidationError as error:
        raise typer.BadParameter(_first_message(error)) from error


def _first_message(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][-1]).replace("_", "-") if first["loc"] else ""
    return f"--{name}: {first['msg']}" if name else first["msg"]


def show(
    rows: list[SchemaT], table: Callable[[Iterable[SchemaT]], Table], *, as_json: bool
) -> None:
    """Print a list as a table or as JSON."""
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
    else:
        Console().print(table(rows))


def show_one(row: SchemaT, table: Callable[[SchemaT], Table], *, as_json: bool) -> None:
    """Print one object as a table or as JSON."""
    if as_json:
        typer.echo(row.model_dump_json(indent=2))
    else:
        Console().print(table(row))
