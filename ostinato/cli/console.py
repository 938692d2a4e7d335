"""How every command talks to a gateway and to a person: faults in one sentence, lists as asked for.

Refuses to know what a command is for.
"""

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

Row = TypeVar("Row", bound=BaseModel)

UNAUTHORIZED = 401
KEY_WANTED = "Set OSTINATO_API_KEY, or run this in the folder of `make up` (it has var/api_key)."
INTERRUPTED = 130
"""128 + SIGINT, as a shell says it."""
LISTS = ("models", "recipes", "datasets")
"""What a gateway that does not know a name adds to its answer."""

Limit = Annotated[int, typer.Option(min=1, help="How many to list at most.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


@contextmanager
def conversation() -> Iterator[Client]:
    """A client for one command; what it cannot do becomes one sentence and exit code 2."""
    try:
        with connect() as client:
            yield client
    except ClientError as fault:
        typer.echo(fault.detail, err=True)
        if isinstance(fault, ApiError):
            _advise(fault)
        raise typer.Exit(2) from fault


@contextmanager
def writing(out: Path, afterwards: str = "") -> Iterator[None]:
    """What the disk refuses becomes one sentence and exit code 2."""
    try:
        yield
    except OSError as fault:
        where = fault.filename or out
        typer.echo(f"Cannot write to {where}: {fault.strerror}.{afterwards}", err=True)
        raise typer.Exit(2) from fault


def _advise(fault: ApiError) -> None:
    for known in LISTS:
        if known in fault.extra:
            typer.echo(f"There are: {', '.join(fault.extra[known])}.", err=True)
    if fault.status == UNAUTHORIZED:
        typer.echo(KEY_WANTED, err=True)


def checked(shape: type[Row], **fields: object) -> Row:
    """What a command was told, as a request; a fault in it is told with the option's name."""
    try:
        return shape.model_validate(fields)
    except ValidationError as fault:
        raise typer.BadParameter(_first_fault(fault)) from fault


def _first_fault(fault: ValidationError) -> str:
    error = fault.errors()[0]
    name = str(error["loc"][-1]).replace("_", "-") if error["loc"] else ""
    return f"--{name}: {error['msg']}" if name else error["msg"]


def show(rows: list[Row], table: Callable[[Iterable[Row]], Table], *, as_json: bool) -> None:
    """A list, for a person or for a script."""
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
    else:
        Console().print(table(rows))


def show_one(row: Row, table: Callable[[Row], Table], *, as_json: bool) -> None:
    """One thing, for a person or for a script."""
    if as_json:
        typer.echo(row.model_dump_json(indent=2))
    else:
        Console().print(table(row))
