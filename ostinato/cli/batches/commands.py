"""`ostinato batch` and its subcommands, and `ostinato batches`."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer

from ostinato.cli import tables
from ostinato.cli.batches.download import save_batch
from ostinato.cli.batches.progress import failures_help, show_progress, status_line
from ostinato.cli.console import (
    INTERRUPTED,
    AsJson,
    Limit,
    client_session,
    naming_file,
    show,
    show_one,
)
from ostinato.cli.parsing import metadata as parsed_metadata
from ostinato.cli.parsing import number, parse_id, validated
from ostinato.cli.progress import progress_console
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.batches import Batch, BatchParameters, BatchRequest, InvalidLines
from ostinato.schemas.jobs import JobState

app = typer.Typer(
    help="Generate up to 100,000 melodies as one batch, each with parameters of its own.",
    no_args_is_help=True,
)

BatchId = Annotated[
    UUID, typer.Argument(parser=parse_id, metavar="BATCH_ID", help="Id of the batch.")
]


@app.command(epilog="Example: ostinato batch submit requests.jsonl --wait")
def submit(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help="One request per line, as JSON."
        ),
    ],
    *,
    invalid_lines: Annotated[
        InvalidLines,
        typer.Option(help="Reject the file, or report its invalid lines as failed melodies."),
    ] = InvalidLines.REJECT,
    deadline_seconds: Annotated[
        int | None,
        number(BatchRequest, "deadline_seconds", "Then cancel what is unfinished; default: never."),
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A name and a value to store; repeatable."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end; Ctrl-C leaves the batch running.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Submit a file of requests, such as {"custom_id": "a", "bars": 4, "seed": 7}."""
    parameters = validated(
        BatchParameters, metadata=parsed_metadata(metadata or []), deadline_seconds=deadline_seconds
    )
    with client_session() as client:
        with _naming_lines(file), file.open("rb") as lines:
            batch = client.submit_batch_lines(lines, parameters, invalid_lines=invalid_lines)
        if wait:
            typer.echo(f"Batch {batch.id}", err=True)
            batch = _wait(client, batch)
    if as_json:
        show_one(batch, tables.batch, as_json=True)
    else:
        typer.echo(status_line(batch))
    if wait and batch.counts.failed:
        typer.echo(failures_help(batch), err=True)
    if wait and batch.state is not JobState.SUCCEEDED:
        raise typer.Exit(1)


@app.command(epilog="Example: ostinato batch status BATCH_ID")
def status(batch_id: BatchId, *, as_json: AsJson = False) -> None:
    """Show the counts, rate and remaining time of a batch, and what it waits for."""
    with client_session() as client:
        batch = client.batch(batch_id)
    show_one(batch, tables.batch, as_json=as_json)


@app.command(epilog="Example: ostinato batch errors BATCH_ID --limit 5")
def errors(batch_id: BatchId, *, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the melodies that failed, with the custom_id of their lines."""
    with client_session() as client:
        rows = list(islice(client.batch_errors(batch_id), limit))
    show(rows, tables.batch_errors, as_json=as_json)


@app.command(epilog="Example: ostinato batch pause BATCH_ID")
def pause(batch_id: BatchId) -> None:
    """Pause a batch; workers finish what they have begun."""
    with client_session() as client:
        typer.echo(status_line(client.pause_batch(batch_id)))


@app.command(epilog="Example: ostinato batch resume BATCH_ID")
def resume(batch_id: BatchId) -> None:
    """Resume a paused batch."""
    with client_session() as client:
        typer.echo(status_line(client.resume_batch(batch_id)))


@app.command(epilog="Example: ostinato batch retry BATCH_ID")
def retry(batch_id: BatchId) -> None:
    """Request again what failed in a batch, as a new batch."""
    with client_session() as client:
        typer.echo(status_line(client.retry_batch(batch_id)))


@app.command(epilog="Example: ostinato batch download BATCH_ID --out tunes")
def download(
    batch_id: BatchId,
    *,
    out: Annotated[
        Path, typer.Option(file_okay=False, writable=True, help="Folder for the MIDI files.")
    ] = Path("out"),
) -> None:
    """Save the finished melodies; files that are there and intact are kept.

    A manifest beside them names the custom_id, the seed and the SHA-256 of each.
    """
    with client_session() as client:
        batch = client.batch(batch_id)
        num_saved = save_batch(client, batch, out, progress_console())
    typer.echo(f"{num_saved:,} of {batch.counts.total:,} melodies are in {out}/.")


def batches(*, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your batches, newest first."""
    with client_session() as client:
        rows = list(islice(client.batches(), limit))
    show(rows, tables.batches, as_json=as_json)


@contextmanager
def _naming_lines(file: Path) -> Iterator[None]:
    """Let an error about the content name the file, and each invalid line that it lists."""
    try:
        with naming_file(file):
            yield
    except ApiError as error:
        if "line" in error.extra and "errors" in error.extra:
            error.detail = "\n".join(_invalid_line(file, **line) for line in error.extra["errors"])
        raise


def _invalid_line(
    file: Path, *, line: int, message: str, custom_id: str | None = None, **_: object
) -> str:
    name = f" ({custom_id})" if custom_id else ""
    return f"{file}: line {line}{name}: {message}"


def _wait(client: Client, batch: Batch) -> Batch:
    try:
        return show_progress(client, batch.id, progress_console())
    except KeyboardInterrupt:
        _detach(batch)


def _detach(batch: Batch) -> NoReturn:
    commands = f"`ostinato batch status {batch.id}` shows it, `ostinato cancel {batch.id}`"
    typer.echo(f"The batch continues; {commands} stops it.", err=True)
    raise typer.Exit(INTERRUPTED)
