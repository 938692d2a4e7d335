"""`ostinato datasets`: hand in music to train on, and see what was found in it.

Refuses to read music: a trainer does.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Annotated
from uuid import UUID

import typer
from rich.console import Console

from ostinato import tables
from ostinato.terminal import AsJson, Limit, conversation, show, show_one
from shared.schemas.datasets import Dataset, DatasetState

SUFFIXES = {".mid", ".midi"}

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
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(music.rglob("*")):
                if path.suffix.lower() in SUFFIXES:
                    archive.write(path, path.relative_to(music))
        file.seek(0)
        yield file
