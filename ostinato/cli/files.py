"""Saves melodies: each as a MIDI file, with its piano roll as SVG beside it."""

from pathlib import Path
from uuid import UUID

from ostinato.client import Client
from ostinato.pianoroll import draw
from ostinato.schemas.melodies import MelodySummary


def save_melody(client: Client, melody: MelodySummary, folder: Path) -> Path:
    """Write `<model>-<end of the job's id>-<index>` as .mid and .svg, and return the MIDI path.

    The names of a partial melody end with `-partial`.

    Raises:
        OSError: a file cannot be written, such as on a full disk; no partial file is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / midi_name(melody.model, melody.job_id, melody.index)
    if melody.partial:
        path = path.with_stem(f"{path.stem}-partial")
    midi, picture = client.midi(melody.id), draw(client.melody(melody.id))
    write_file(path.with_suffix(".svg"), picture.encode())
    write_file(path, midi)
    return path


def midi_name(model: str, job_id: UUID, index: int) -> str:
    """The name of a melody's MIDI file."""
    return f"{model}-{job_id.hex[-6:]}-{index:04d}.mid"


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
