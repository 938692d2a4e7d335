"""`ostinato datasets`: upload music to train on, and show the import report."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Annotated
from urllib.parse import quote
from uuid import UUID

import typer

from ostinato.cli import tables
from ostinato.cli.console import (
    AsJson,
    Limit,
    client_session,
    exit_on_write_error,
    naming_file,
    show,
    show_one,
)
from ostinato.cli.parsing import dataset_name, parse_id
from ostinato.cli.progress import progress_console, show_stages
from ostinato.schemas.datasets import LISTED_SUFFIXES, Dataset, has_music_suffix

MAX_LISTED = 3
"""How many names of skipped files are printed; the others are only counted."""

app = typer.Typer(help="Upload and list music to train on.", no_args_is_help=True)
TEMPORARY_FOLDER_HELP = " Set TMPDIR to a folder with space."

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the data set: a-z, 0-9 and hyphens.")
]
DatasetId = Annotated[
    UUID, typer.Argument(parser=parse_id, metavar="DATASET_ID", help="Id of the data set.")
]
Music = Annotated[
    Path,
    typer.Argument(metavar="MUSIC", exists=True, help="A zip of MIDI files, or a folder."),
]


@app.command(epilog="Example: ostinato datasets upload tunes out")
def upload(name: Name, music: Music, *, as_json: AsJson = False) -> None:
    """Upload a zip or a folder of MIDI files, and wait for its import."""
    name = dataset_name(name)
    with client_session() as client, _as_zip(music) as file:
        with naming_file(music):
            dataset = client.upload_dataset(name, file)
        typer.echo(f"Data set {dataset.id}: importing {dataset.num_files:,} files", err=True)
        show_stages(client, dataset.id, progress_console())
        dataset = client.wait_for_dataset(dataset.id)
    _show(dataset, as_json=as_json)


@app.command("list", epilog="Example: ostinato datasets list")
def list_datasets(*, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your data sets, newest first."""
    with client_session() as client:
        rows = list(islice(client.datasets(), limit))
    show(rows, tables.datasets, as_json=as_json)


@app.command("show", epilog="Example: ostinato datasets show DATASET_ID")
def show_dataset(dataset_id: DatasetId, *, as_json: AsJson = False) -> None:
    """Show a data set and its import report."""
    with client_session() as client:
        dataset = client.dataset(dataset_id)
    _show(dataset, as_json=as_json)


def _show(dataset: Dataset, *, as_json: bool) -> None:
    show_one(dataset, tables.dataset, as_json=as_json)
    if dataset.error is not None:
        raise typer.Exit(1)


def status_line(dataset: Dataset) -> str:
    """The state of an import in one sentence."""
    return f"Data set {dataset.id} ({dataset.name}) is {dataset.state}."


@contextmanager
def _as_zip(music: Path) -> Iterator[IO[bytes]]:
    """The given zip, or a temporary one with the MIDI files of the given folder."""
    if not music.is_dir():
        with music.open("rb") as archive:
            yield archive
        return
    if not _midi_files(music):
        raise typer.BadParameter(f"{music} has no {LISTED_SUFFIXES} file", param_hint="MUSIC")
    with exit_on_write_error(Path(tempfile.gettempdir()), TEMPORARY_FOLDER_HELP):
        file = _temporary_zip(music)
    with file:
        yield file


def _temporary_zip(folder: Path) -> IO[bytes]:
    """A temporary zip of the MIDI files of a folder; OSError if the disk is full."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        _warn_skipped(_zip_folder(folder, file))
        file.seek(0)
    except OSError:
        with suppress(OSError):  # closing it writes what is buffered
            file.close()
        raise
    return file


def _zip_folder(folder: Path, target: IO[bytes]) -> list[str]:
    """Zip the MIDI files of a folder, and return the names of unreadable ones.

    The zip has no dates: zip cannot store every date, and the same files must give the same zip.
    """
    skipped = []
    with zipfile.ZipFile(target, "w") as archive:
        for path in _midi_files(folder):
            name, content = _zip_name(path.relative_to(folder)), _read(path)
            if content is None:
                skipped.append(name)
            else:
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return skipped


def _midi_files(folder: Path) -> list[Path]:
    paths = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sorted(path for path in paths if has_music_suffix(path))


def _read(path: Path) -> bytes | None:
    """The contents; None for a dangling link, a pipe or a file without read permission."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def _zip_name(path: Path) -> str:
    """The path as UTF-8; percent-encoded where the file system's name is not valid UTF-8."""
    raw = os.fsencode(path)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return quote(raw)


def _warn_skipped(names: list[str]) -> None:
    if names:
        more = f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else ""
        listed = ", ".join(names[:MAX_LISTED])
        typer.echo(f"Skipped, because they cannot be read: {listed}{more}.", err=True)
