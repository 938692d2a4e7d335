"""Music in zips, for tests that hand it in."""

import io
import random
import zipfile

from ostinato.schemas.notes import Note
from shared.tokenizers.midi_file import write_midi

LENGTH = 40
"""Notes of a tune; fewer than 32 are no piece."""


def tune(seed: int, length: int = LENGTH) -> bytes:
    """A MIDI file of random pitches in eighths and quarters."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    notes, start = [], 0
    for _ in range(length):
        duration = chance.choice((240, 480))
        notes.append(Note(start, duration, chance.randrange(50, 80), 80))
        start += duration
    return write_midi(notes, tempo=120, instrument=0, bars=-(-start // 1920))


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    """A zip of these files, to be read from its beginning."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def tunes(count: int = 24) -> io.BytesIO:
    """Tunes that have nothing in common: enough to learn from and to be judged by."""
    return zipped({f"{seed}.mid": tune(seed) for seed in range(count)})
