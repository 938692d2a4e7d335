"""`ostinato datasets`: hand in music to train on, and see what was found in it.

Refuses to read music: a trainer does.
"""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Annotated
from urllib.parse import quote
from uuid import UUID

import typer
from rich.console import Console

from ostinato.cli import tables
from ostinato.cli.console import AsJson, Limit, conversation, show, show_one
from ostinato.schemas.datasets import Dataset, DatasetState

SUFFIXES = {".mid", ".midi"}
MAX_NAMED = 3
"""Files that are left out are named up to so many."""

app = typer.Typer(help="Music to train on.", no_args_is_help=True)

DatasetId = Annotated[UUID, typer.Argument(help="The data set's id.")]
Music = Annotated[Path, typer.Argument(exists=True, help="A zip of MIDI files, or a folder.")]


@app.command()
def upload(name: str, music: Music, *, as_json: AsJson = False) -> None:
    """Hand in a zip or a folder of MIDI files under a name, and wait until it is read."""
    with conversation() as client, _zipped(music) as file:
        dataset = client.upload(name, file)
        with Console(stderr=True).status(f"reading {dataset.files:,} files"):
            dataset = client.read(dataset.id)
    _tell(dataset, as_json=as_json)


@app.command("list")
def list_datasets(*, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your data sets, newest first."""
    with conversation() as client:
        rows = list(islice(client.datasets(), limit))
    show(rows, tables.datasets, as_json=as_json)


@app.command("show")
def show_dataset(dataset_id: DatasetId, *, as_json: AsJson = False) -> None:
    """Show what was found in a data set."""
    with conversation() as client:
        dataset = client.dataset(dataset_id)
    _tell(dataset, as_json=as_json)


def _tell(dataset: Dataset, *, as_json: bool) -> None:
    show_one(dataset, tables.facts, as_json=as_json)
    if dataset.state is DatasetState.REFUSED:
        raise typer.Exit(1)


@contextmanager
def _zipped(music: Path) -> Iterator[IO[bytes]]:
    """The zip itself, or one that is made of a folder's MIDI files."""
    if not music.is_dir():
        with music.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        _say_left_out(_pack(music, file))
        file.seek(0)
        yield file


def _pack(folder: Path, target: IO[bytes]) -> list[str]:
    """Zip the MIDI files of a folder; the names of those that cannot be read.

    Their dates are left out: a zip has not all of them, and the same music makes the same zip.
    """
    left_out = []
    with zipfile.ZipFile(target, "w") as archive:
        for path in _midi_files(folder):
            name, content = _name(path.relative_to(folder)), _content(path)
            if content is None:
                left_out.append(name)
            else:
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return left_out


def _midi_files(folder: Path) -> list[Path]:
    paths = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sorted(path for path in paths if path.suffix.lower() in SUFFIXES)


def _content(path: Path) -> bytes | None:
    """None: a link to nowhere, a pipe, a file of somebody else."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def _name(path: Path) -> str:
    """As a zip can have it: a name that is no UTF-8 is written as a URL would write it."""
    raw = os.fsencode(path)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return quote(raw)


def _say_left_out(names: list[str]) -> None:
    if names:
        more = f" and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else ""
        named = ", ".join(names[:MAX_NAMED])
        typer.echo(f"Left out, for they cannot be read: {named}{more}.", err=True)
