"""`python -m services.trainer.data.download maestro`: fetch a set that its publisher offers.

The archive is checked against the publisher's SHA-256 before anything is unpacked, and the set's
folder appears when it is complete. Refuses to fetch what nobody asked for: naming a set in a recipe
downloads nothing.
"""

import hashlib
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from services.trainer.data.catalog import CATALOGUE
from services.trainer.settings import TrainingSettings
from shared.errors import OstinatoError

console = Console(stderr=True)


class DownloadFailed(OstinatoError):
    """The archive did not come, or is another one; try again, or fetch it by hand."""

    code = "download_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A zip, and the folder in it that holds the set."""

    url: str
    sha256: str
    root: str


ARCHIVES = {
    "maestro": Archive(
        url="https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0-midi.zip",
        sha256="70470ee253295c8d2c71e6d9d4a815189e35c89624b76d22fce5a019d5dde12c",
        root="maestro-v3.0.0",
    )
}


def main(name: Annotated[str, typer.Argument(help="Which set.")]) -> None:
    """Fetch a set into the folder that OSTINATO_DATA names."""
    data = TrainingSettings().data
    if name not in ARCHIVES:
        raise typer.BadParameter(f"{name!r} is not offered; there are: {', '.join(ARCHIVES)}.")
    if data is None:
        raise typer.BadParameter("OSTINATO_DATA is not set; let it name the folder of data sets.")
    folder = data / CATALOGUE[name].path
    if folder.exists():
        console.print(f"{folder} is there already.")
        return
    try:
        fetch(ARCHIVES[name], folder)
    except DownloadFailed as fault:
        console.print(fault.detail)
        raise typer.Exit(1) from fault
    console.print(f"{folder}: {CATALOGUE[name].about}; {CATALOGUE[name].licence}.")


def fetch(archive: Archive, folder: Path) -> None:
    """Download, check and unpack.

    Raises:
        DownloadFailed: the line broke, or the archive is another one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as workplace:
        with tempfile.TemporaryFile(dir=workplace) as file:
            found = _download(archive.url, file)
            if found != archive.sha256:
                raise DownloadFailed(
                    f"{archive.url}: its SHA-256 is {found}, expected {archive.sha256}."
                )
            zipfile.ZipFile(file).extractall(workplace)
        shutil.move(Path(workplace) / archive.root, folder)


def _download(url: str, file: BinaryIO) -> str:
    """Write the body to a file, with a progress bar; its SHA-256."""
    digest = hashlib.sha256()
    try:
        with httpx.stream("GET", url, follow_redirects=True) as answer, Progress() as bar:
            answer.raise_for_status()
            size = int(answer.headers.get("Content-Length", 0)) or None
            task = bar.add_task("Downloading", total=size)
            for chunk in answer.iter_bytes():
                digest.update(chunk)
                file.write(chunk)
                bar.advance(task, len(chunk))
    except httpx.HTTPError as error:
        raise DownloadFailed(f"{url}: {error}") from error
    return digest.hexdigest()


if __name__ == "__main__":
    typer.run(main)
