"""Saves a batch as MIDI files that agree with the manifest of its archive.

The archive arrives in parts. After an interruption the next call continues with the first part
that is not complete, and a file that is there with the right hash is not written again.
"""

import hashlib
import shlex
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO
from uuid import UUID

from pydantic import BaseModel, ValidationError
from rich.console import Console

from ostinato.cli.console import exit_on_write_error
from ostinato.cli.files import midi_name, write_file
from ostinato.cli.progress import ProgressDisplay
from ostinato.client import Client
from ostinato.errors import ClientError
from ostinato.schemas.batches import Batch

PART_SIZE = 5_000
"""Melodies of one part of the archive: a few megabytes."""
MANIFEST = "manifest.jsonl"


class ManifestEntry(BaseModel):
    """One line of the manifest: a file of the archive, and the melody that it contains."""

    file: str
    index: int
    custom_id: str | None
    model: str
    seed: int
    sha256: str


def save_batch(client: Client, batch: Batch, out: Path, console: Console) -> int:
    """Save the finished melodies of a batch in a folder, and return how many are there.

    Raises:
        typer.Exit: a file cannot be written.
        ClientError: the archive cannot be fetched, or a file differs from its manifest.
    """
    again = shlex.join(["ostinato", "batch", "download", str(batch.id), "--out", str(out)])
    help_text = f" No melody is lost: `{again}` continues when it can be written."
    with exit_on_write_error(out, help_text), ProgressDisplay(console) as display:
        out.mkdir(parents=True, exist_ok=True)
        saved = _saved_before(out, batch.id)
        finished = batch.counts.succeeded
        if batch.is_terminal and len(saved) == finished:
            return finished
        for number in chain([len(saved)], _save_parts(client, batch.id, out, saved)):
            share = number / finished if finished else 1.0
            display.update("saving melodies", min(share, 1.0), f"{number:,}/{finished:,}")
        return len(saved)


def is_complete(batch: Batch, out: Path) -> bool:
    """Whether all melodies of an ended batch are in the folder, with the right hashes."""
    return batch.is_terminal and len(_saved_before(out, batch.id)) == batch.counts.succeeded


def manifest_path(out: Path, batch_id: UUID) -> Path:
    """The manifest of a batch in a folder; like its melodies it is named after the id's end."""
    return out / f"manifest-{batch_id.hex[-6:]}.jsonl"


def _saved_before(out: Path, batch_id: UUID) -> dict[int, ManifestEntry]:
    """What the manifest in the folder lists and is there with the right hash, by index."""
    try:
        lines = manifest_path(out, batch_id).read_text(encoding="utf-8").splitlines()
        entries = [ManifestEntry.model_validate_json(line) for line in lines]
    except (FileNotFoundError, ValidationError):
        return {}
    return {entry.index: entry for entry in entries if _is_saved(entry, out)}


def _save_parts(
    client: Client, batch_id: UUID, out: Path, saved: dict[int, ManifestEntry]
) -> Iterator[int]:
    """Save part after part, add its entries to `saved`, and yield how many there are."""
    after = _last_of_first_run(saved)
    with tempfile.TemporaryFile(dir=out) as archive:
        while True:
            client.download_batch(batch_id, archive, after=after, limit=PART_SIZE)
            entries = _unpack(archive, batch_id, out)
            saved |= {entry.index: entry for entry in entries}
            _write_manifest(manifest_path(out, batch_id), saved.values())
            yield len(saved)
            if len(entries) < PART_SIZE:
                return
            after = entries[-1].index


def _last_of_first_run(saved: Iterable[int]) -> int:
    """The last of the indexes from 0 without a gap: melodies of a gap may end later."""
    indexes = set(saved)
    last = -1
    while last + 1 in indexes:
        last += 1
    return last


def _unpack(file: IO[bytes], batch_id: UUID, out: Path) -> list[ManifestEntry]:
    """Write the files of an archive, and return its manifest by index, with their new names.

    Raises:
        ClientError: the archive is damaged, or a file differs from the manifest.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            lines = archive.read(MANIFEST).splitlines()
            entries = [
                _save(ManifestEntry.model_validate_json(line), archive, batch_id, out)
                for line in lines
            ]
    except (zipfile.BadZipFile, KeyError, ValidationError) as error:
        raise ClientError(f"The archive is damaged ({error}); download it again.") from error
    return sorted(entries, key=lambda entry: entry.index)


def _save(
    entry: ManifestEntry, archive: zipfile.ZipFile, batch_id: UUID, out: Path
) -> ManifestEntry:
    """Write a file, unless it is there with the right hash, and return it with its new name."""
    midi = archive.read(entry.file)
    name = midi_name(entry.model, batch_id, entry.index)
    if hashlib.sha256(midi).hexdigest() != entry.sha256 or Path(name).name != name:
        raise ClientError(
            f"{entry.file} differs from the manifest of the archive; download it again."
        )
    saved = entry.model_copy(update={"file": name})
    if not _is_saved(saved, out):
        write_file(out / name, midi)
    return saved


def _is_saved(entry: ManifestEntry, out: Path) -> bool:
    try:
        content = (out / entry.file).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == entry.sha256


def _write_manifest(path: Path, entries: Iterable[ManifestEntry]) -> None:
    ordered = sorted(entries, key=lambda entry: entry.index)
    write_file(path, "".join(f"{entry.model_dump_json()}\n" for entry in ordered).encode())
