"""`ostinato generate` with many melodies: a batch, and its folder.

The folder keeps the request and the id of its batch, so that the same command, run again after an
interruption, continues the same batch and requests nothing twice.
"""

from pathlib import Path
from typing import Self
from uuid import uuid4

import typer
from pydantic import ValidationError
from rich.console import Console

from ostinato.cli.batches.download import is_complete, save_batch
from ostinato.cli.batches.progress import failures_help, show_progress, status_line
from ostinato.cli.console import INTERRUPTED, exit_on_write_error
from ostinato.cli.files import write_file
from ostinato.cli.progress import progress_console
from ostinato.client import Client
from ostinato.errors import ApiError, ClientError
from ostinato.schemas.batches import Batch, BatchRequest
from ostinato.schemas.generations import Primer
from ostinato.schemas.jobs import JobState
from ostinato.schemas.schema import Schema

CANCEL_TIMEOUT = 10.0
"""Seconds to wait for a cancelled batch, which workers drop at their next step."""
RECORD = "batch.json"
"""Name of the file that a folder keeps about its batch."""


class FolderRecord(Schema):
    """What a folder keeps about its batch."""

    request: BatchRequest
    primer: Primer | None = None
    idempotency_key: str
    """The gateway returns the same batch for it, if the response to the request was lost."""
    batch: Batch | None = None
    """The batch when it was last seen."""

    @classmethod
    def read(cls, out: Path) -> Self | None:
        """The record of a folder; None if it has none.

        Raises:
            ClientError: the file is not a record of this version.
        """
        try:
            return cls.model_validate_json((out / RECORD).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValidationError as error:
            raise ClientError(
                f"{out / RECORD} is not a record of this version of `ostinato`; choose another "
                "--out."
            ) from error

    def write(self, out: Path) -> None:
        """Replace the record of a folder."""
        write_file(out / RECORD, self.model_dump_json(indent=2).encode() + b"\n")


def generate_batch(
    client: Client, request: BatchRequest, out: Path, *, primer: Primer | None
) -> None:
    """Generate melodies as a batch and save them, or continue what the folder has begun.

    Raises:
        typer.Exit: not all melodies were generated, or the folder has another request.
    """
    record = _begin(request, out, primer)
    if record.batch is not None and is_complete(record.batch, out):
        _print_outcome(record.batch, out)
        return
    try:
        batch = record.batch or _submit(client, record, out)
    except KeyboardInterrupt:
        typer.echo(
            "The gateway may have accepted the batch; the same command continues with it.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None
    try:
        batch = _finish(client, batch, out)
    except KeyboardInterrupt:
        batch = _cancel(client, batch)
        _save(client, record, batch, out)
        _print_incomplete(batch, out)
        raise typer.Exit(INTERRUPTED) from None
    _save(client, record, batch, out)
    _print_outcome(batch, out)


def _begin(request: BatchRequest, out: Path, primer: Primer | None) -> FolderRecord:
    """The record of the folder, written before the request is sent."""
    found = FolderRecord.read(out)
    if found is None:
        new = FolderRecord(request=request, primer=primer, idempotency_key=str(uuid4()))
        with exit_on_write_error(out):
            out.mkdir(parents=True, exist_ok=True)
            new.write(out)
        return new
    if found.request != request:
        name = f" ({found.batch.id})" if found.batch else ""
        typer.echo(
            f"{out}/ has the batch of another request{name}: repeat that request to continue it, "
            "or choose another --out.",
            err=True,
        )
        raise typer.Exit(2)
    return found


def _submit(client: Client, record: FolderRecord, out: Path) -> Batch:
    batch = client.submit_batch(record.request, idempotency_key=record.idempotency_key)
    with exit_on_write_error(out):
        record.model_copy(update={"batch": batch}).write(out)
    return batch


def _finish(client: Client, batch: Batch, out: Path) -> Batch:
    Console().print(f"Batch {batch.id}", highlight=False, markup=False)
    try:
        return show_progress(client, batch.id, progress_console())
    except ClientError as error:
        if isinstance(error, ApiError) and error.code == "batch_not_found":
            error.detail = (
                f"This gateway has no batch {batch.id}, which {out / RECORD} names; choose "
                "another --out."
            )
        elif error.is_transient:
            typer.echo(f"Batch {batch.id} continues; the same command continues with it.", err=True)
        raise


def _cancel(client: Client, batch: Batch) -> Batch:
    """Ctrl-C cancels the batch, not only this command, unless it has ended."""
    try:
        client.cancel_batch(batch.id)
    except ApiError as error:
        if error.code != "conflict":
            raise
    return client.wait_for_batch(batch.id, seconds=CANCEL_TIMEOUT)


def _save(client: Client, record: FolderRecord, batch: Batch, out: Path) -> None:
    with exit_on_write_error(out):
        record.model_copy(update={"batch": batch}).write(out)
    save_batch(client, batch, out, progress_console())


def _print_outcome(batch: Batch, out: Path) -> None:
    if batch.state is JobState.SUCCEEDED:
        typer.echo(f"All {batch.counts.total:,} melodies are in {out}/.")
        return
    _print_incomplete(batch, out)
    raise typer.Exit(1)


def _print_incomplete(batch: Batch, out: Path) -> None:
    """Say what is missing, and what can be done about it."""
    typer.echo(f"{status_line(batch)} They are in {out}/.", err=True)
    if batch.counts.failed:
        typer.echo(failures_help(batch), err=True)
    if batch.state in (JobState.CANCELLED, JobState.EXPIRED):
        stopped = "A cancelled" if batch.state is JobState.CANCELLED else "An expired"
        typer.echo(
            f"{stopped} batch is not continued: to request all melodies again, choose another "
            f"--out, or delete {out / RECORD}.",
            err=True,
        )
