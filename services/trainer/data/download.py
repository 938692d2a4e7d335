"""`python -m services.trainer.data.download maestro`: downloads a data set.

The archive's SHA-256 is checked before it is unpacked, and the folder of the set appears only once
it is complete. Only this command downloads data sets; training never does.
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

from services.trainer.data.catalog import CATALOG
from services.trainer.settings import TrainingSettings
from shared.errors import OstinatoError

console = Console(stderr=True)


class DownloadFailed(OstinatoError):
    """The download failed, or the archive has an unexpected SHA-256."""

    code = "download_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A zip archive, and the folder in it that contains the data set."""

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


def main(name: Annotated[str, typer.Argument(help="Name of the data set.")]) -> None:
    """Download a data set into OSTINATO_DATASETS_DIR."""
    datasets_dir = TrainingSettings.load().datasets_dir
    if name not in ARCHIVES:
        raise typer.BadParameter(f"no download for {name!r}; available: {', '.join(ARCHIVES)}.")
    if datasets_dir is None:
        raise typer.BadParameter(
            "OSTINATO_DATASETS_DIR is not set; set it to the folder of data sets."
        )
    folder = datasets_dir / CATALOG[name].path
    if folder.exists():
        console.print(f"{folder} already exists.")
        return
    try:
        download(ARCHIVES[name], folder)
    except DownloadFailed as error:
        console.print(error.detail)
        raise typer.Exit(1) from error
    console.print(f"{folder}: {CATALOG[name].description}; {CATALOG[name].license}.")


def download(archive: Archive, folder: Path) -> None:
    """Download an archive, check its SHA-256 and unpack it.

    Raises:
        DownloadFailed: an HTTP error occurred, or the SHA-256 is unexpected.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as workdir:
        with tempfile.TemporaryFile(dir=workdir) as file:
            found = _stream_to_file(archive.url, file)
            if found != archive.sha256:
                raise DownloadFailed(
                    f"{archive.url}: its SHA-256 is {found}, expected {archive.sha256}."
                )
            zipfile.ZipFile(file).extractall(workdir)
        shutil.move(Path(workdir) / archive.root, folder)


def _stream_to_file(url: str, file: BinaryIO) -> str:
    """Download a URL to a file, with a progress bar; returns the SHA-256 of the content."""
    digest = hashlib.sha256()
    try:
        with httpx.stream("GET", url, follow_redirects=True) as response, Progress() as bar:
            response.raise_for_status()
            size = int(response.headers.get("Content-Length", 0)) or None
            task = bar.add_task("Downloading", total=size)
            for chunk in response.iter_bytes():
                digest.update(chunk)
                file.write(chunk)
                bar.advance(task, len(chunk))
    except httpx.HTTPError as error:
        raise DownloadFailed(f"{url}: {error}") from error
    return digest.hexdigest()


if __name__ == "__main__":
    typer.run(main)
