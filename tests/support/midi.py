"""MIDI files for tests: random ones, zips of them, files that people bring, and a reader."""

import hashlib
import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

from ostinato.schemas.generations import PrimerTrack
from ostinato.schemas.notes import Note
from shared.db.primers import StoredPrimer
from shared.midi.faults import MidiFault, UnreadableMidi
from shared.midi.reader import read_score
from shared.midi.sandbox import Inspection
from shared.midi.writer import write_midi

CASES = Path(__file__).parents[1] / "cases"
"""Small files that people bring; their names say what is unusual in them."""

NUM_NOTES = 40
"""Of a random file; the importer skips pieces of fewer than 32 notes."""


def random_midi(seed: int, num_notes: int = NUM_NOTES) -> bytes:
    """A MIDI file of random pitches in eighths and quarters."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    notes, start = [], 0
    for _ in range(num_notes):
        duration = rng.choice((240, 480))
        notes.append(Note(start, duration, rng.randrange(50, 80), 80))
        start += duration
    return write_midi(notes, tempo=120, instrument=0, bars=-(-start // 1920))


def zip_of(files: dict[str, bytes]) -> io.BytesIO:
    """A zip of these files, positioned at its start."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def zip_of_random_midis(count: int = 24) -> io.BytesIO:
    """Pieces that are no duplicates of each other: enough for training and evaluation."""
    return zip_of({f"{seed}.mid": random_midi(seed) for seed in range(count)})


def an_inspection(notes: Sequence[Note] = (Note(0, 480, 60, 80),)) -> Inspection:
    """What is known of an uploaded file of one track, one bar long."""
    track = PrimerTrack(name="", program=0, is_drum=False, num_notes=len(notes))
    return Inspection(
        midi=write_midi(notes, tempo=120, instrument=0, bars=1),
        notes=tuple(notes),
        num_bars=1,
        track=0,
        tracks=(track,),
        time_signatures=("4/4",),
        score=b"{}",
    )


def a_stored_primer(notes: Sequence[Note], bars: int = 1) -> StoredPrimer:
    """A primer of one track, as workers read it from the database."""
    midi = write_midi(notes, tempo=120, instrument=0, bars=bars)
    sha256 = hashlib.sha256(midi).hexdigest()
    return StoredPrimer(midi=midi, sha256=sha256, track=0, notes=(), bars=bars)


def read_case(name: str) -> bytes:
    """The contents of a file in `tests/cases`."""
    return (CASES / name).read_bytes()


def read_midi(data: bytes) -> list[Note]:
    """The notes of all pitched tracks, sorted by start and pitch; none if the file has none."""
    try:
        notes = read_score(data).pitched_notes
    except UnreadableMidi as error:
        if error.fault is MidiFault.NO_NOTES:
            return []
        raise
    return [Note(*note) for note in notes.tolist()]
