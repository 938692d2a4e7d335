"""Saves melodies: each as a MIDI file, with its piano roll as SVG beside it."""

from pathlib import Path

from ostinato.client import Client
from ostinato.pianoroll import draw
from ostinato.schemas.melodies import MelodySummary


def save_melody(client: Client, melody: MelodySummary, folder: Path) -> Path:
    """Write `<model>-<end of the job's id>-<index>` as .mid and .svg, and return the MIDI path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{melody.model}-{melody.job_id.hex[-6:]}-{melody.index:04d}.mid"
    path.write_bytes(client.midi(melody.id))
    path.with_suffix(".svg").write_text(draw(client.melody(melody.id)), encoding="utf-8")
    return path
