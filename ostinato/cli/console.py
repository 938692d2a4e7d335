"""Shared by all commands: client session, errors, exit codes, output format."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console, RenderableType
from rich.table import Table

from ostinato.cli.parsing import option_name, parse_limit
from ostinato.cli.tables import least_width
from ostinato.client import Client
from ostinato.errors import ApiError, ClientError, Unreachable
from ostinato.settings import ClientSettings

SchemaT = TypeVar("SchemaT", bound=BaseModel)

INVALID_FILE_STATUSES = frozenset({413, 422})
"""Statuses of the gateway's errors about the content of an uploaded file."""
INTERRUPTED = 130
"""The exit code after Ctrl-C, as in a shell: 128 + SIGINT."""
NAME_LIST_MEMBERS = ("models", "recipes", "datasets", "weights")
"""Members of an error response that list the available names if the requested one is unknown."""
STATE_DIR_HELP = (
    "Set OSTINATO_URL and OSTINATO_API_KEY, set OSTINATO_STATE_DIR to the folder of the stack that "
    "runs, or start one with `ostinato up`."
)

_PROMOTE_ROUTE = re.compile(r"POST /v1/models/([\w.-]+)/promote")
_DEMOTE_ROUTE = re.compile(r"POST /v1/models/([\w.-]+)/demote")

Limit = Annotated[
    int, typer.Option(parser=parse_limit, metavar="1..", help="Maximum number of rows.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def client_session() -> Iterator[Client]:
    """A client for one command; prints a client error as one sentence and exits with code 2."""
    settings: ClientSettings | None = None
    try:
        settings = ClientSettings()
        with Client(settings.address, settings.key) as client:
            yield client
    except ClientError as error:
        for line in _lines(error, settings):
            typer.echo(line, err=True)
        raise typer.Exit(2) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        typer.echo(
            f"This client does not understand the gateway's {error.title} ({field}: "
            f"{first['msg']}); install the client of the gateway's version.",
            err=True,
        )
        raise typer.Exit(2) from error


def _in_terms_of_options(error: ClientError) -> str:
    """The detail of an error, with options and commands instead of fields and routes."""
    if not isinstance(error, ApiError):
        return error.detail
    weights = f" --sha256 {error.extra['receipt']}" if "receipt" in error.extra else ""
    detail = _PROMOTE_ROUTE.sub(rf"`ostinato promote \1{weights}`", error.detail)
    detail = _DEMOTE_ROUTE.sub(r"`ostinato demote \1`", detail)
    field = str(error.extra.get("field", ""))
    if not field or not detail.startswith(f"{field}: "):
        return detail
    name = option_name(field)
    message = detail.removeprefix(f"{field}: ")
    return f"{name}: {message}" if name else message[0].upper() + message[1:]


def _lines(error: ClientError, settings: ClientSettings | None) -> Iterator[str]:
    """The error, and what helps a person to act on it."""
    yield _in_terms_of_options(error)
    if settings is None:
        return
    code = error.code if isinstance(error, ApiError) else ""
    if isinstance(error, Unreachable) or code == "unexpected_response":
        yield settings.address_source
    if code == "unauthenticated":
        yield settings.key_source
    if isinstance(error, Unreachable) or code == "unauthenticated":
        yield STATE_DIR_HELP
    yield from _available_names(error)


def _available_names(error: ClientError) -> Iterator[str]:
    """The names that exist, if the request named one that does not."""
    members = error.extra if isinstance(error, ApiError) else {}
    for member in NAME_LIST_MEMBERS:
        if members.get(member):
            yield f"Available {member}: {', '.join(members[member])}."


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Let errors about the content of an upload name the file, which the gateway does not know."""
    try:
        yield
    except ApiError as error:
        if error.status in INVALID_FILE_STATUSES:
            error.detail = f"{path}: {error.detail}"
        raise


@contextmanager
def exit_on_write_error(out: Path, help_text: str = "") -> Iterator[None]:
    """Print an OSError as one sentence, followed by the help text, and exit with code 2."""
    try:
        yield
    except OSError as error:
        path = error.filename or out
        typer.echo(f"Cannot write to {path}: {error.strerror}.{help_text}", err=True)
        raise typer.Exit(2) from error


def show(
    rows: list[SchemaT], table: Callable[[Iterable[SchemaT]], Table], *, as_json: bool
) -> None:
    """Print a list as a table, whose ids are whole in a narrow terminal, too, or as JSON."""
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
    else:
        rendered = table(rows)
        Console(width=max(Console().width, least_width(rendered))).print(rendered)


def show_one(row: SchemaT, table: Callable[[SchemaT], RenderableType], *, as_json: bool) -> None:
    """Print one object as a table or as JSON."""
    if as_json:
        typer.echo(row.model_dump_json(indent=2))
    else:
        Console().print(table(row))
