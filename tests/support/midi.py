"""MIDI files for tests: random ones, zips of them, and a reader."""

import io
import random
import zipfile

from symusic.core import ScoreTick

from ostinato.schemas.notes import TICKS_PER_QUARTER, Note
from shared.midi.writer import write_midi

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


def read_midi(data: bytes) -> list[Note]:
    """The notes of all pitched tracks, sorted by start and pitch; times in our ticks."""
    score = ScoreTick.from_midi(data).resample(TICKS_PER_QUARTER, min_dur=1)
    notes = [
        Note(note.start, note.duration, note.pitch, note.velocity)
        for track in score.tracks
        if not track.is_drum
        for note in track.notes
    ]
    return sorted(notes, key=lambda note: (note.start, note.pitch, note.duration, note.velocity))
