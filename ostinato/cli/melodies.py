"""`ostinato melodies`, `melody` and `download`: list, show and save melodies."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from ostinato.cli import tables
from ostinato.cli.console import (
    AsJson,
    Limit,
    client_session,
    exit_on_write_error,
    show,
    show_one,
)
from ostinato.cli.files import save_melody
from ostinato.cli.parsing import parse_id
from ostinato.cli.progress import ProgressDisplay, progress_console
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.melodies import MelodySummary

MAX_SHOWN = 20
"""Number of saved melodies in the table; further ones are only counted."""

Out = Annotated[
    Path, typer.Option(file_okay=False, writable=True, help="Folder for MIDI files and pictures.")
]


def melodies(
    *,
    job_id: Annotated[
        UUID | None,
        typer.Option(
            "--job",
            parser=parse_id,
            metavar="JOB_ID",
            help="Only the melodies of this job, in order.",
        ),
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List your melodies, newest first."""
    with client_session() as client:
        rows = list(islice(client.melodies(job_id), limit))
    show(rows, tables.melodies, as_json=as_json)


def melody(
    melody_id: Annotated[
        UUID, typer.Argument(parser=parse_id, metavar="MELODY_ID", help="Id of the melody.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a melody; with --json also its notes."""
    with client_session() as client:
        row = client.melody(melody_id)
    show_one(row, tables.melody, as_json=as_json)


def download(
    ids: Annotated[
        list[UUID],
        typer.Argument(
            parser=parse_id, metavar="ID", help="Ids of melodies, or of generation jobs."
        ),
    ],
    *,
    out: Out = Path("out"),
) -> None:
    """Save melodies, or all finished melodies of jobs, as `generate` does."""
    with client_session() as client:
        save_melodies(client, _find_all(client, ids), out, ids)


def save_melodies(
    client: Client, found: Iterable[MelodySummary], out: Path, ids: Sequence[UUID]
) -> int:
    """Save melodies as MIDI and picture, print a table of them, and return their number.

    `ids` are those of the melodies or of their jobs, with which `download` saves them again.
    """
    summaries = list(found)
    rows: list[tuple[MelodySummary, Path]] = []
    again = shlex.join(["ostinato", "download", *map(str, ids), "--out", str(out)])
    help_text = f" No melody is lost: `{again}` saves them when there is space."
    with exit_on_write_error(out, help_text), ProgressDisplay(progress_console()) as display:
        for summary in summaries:
            rows.append((summary, save_melody(client, summary, out)))
            share = len(rows) / len(summaries)
            display.update("saving melodies", share, f"{len(rows):,}/{len(summaries):,}")
    console = Console()
    if rows:
        console.print(tables.saved_melodies(rows[:MAX_SHOWN]))
    if len(rows) > MAX_SHOWN:
        console.print(f"and {len(rows) - MAX_SHOWN:,} more in {out}/", highlight=False)
    return len(rows)


def _find_all(client: Client, ids: Iterable[UUID]) -> Iterator[MelodySummary]:
    for found_id in ids:
        try:
            yield client.melody(found_id)
        except ApiError as error:
            if error.code != "melody_not_found":
                raise
            yield from _of_job(client, found_id)


def _of_job(client: Client, job_id: UUID) -> Iterator[MelodySummary]:
    try:
        yield from client.melodies(job_id)
    except ApiError as error:
        if error.code == "job_not_found":
            error.detail = (
                f"There is no melody or generation job '{job_id}'; `ostinato batch download` saves "
                "the melodies of a batch."
            )
        raise
