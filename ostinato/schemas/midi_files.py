"""Which files are MIDI files, by their names."""

from pathlib import PurePath

SUFFIXES = (".mid", ".midi", ".kar", ".rmi")
"""Endings of the names of MIDI files, karaoke files and MIDI files in RIFF."""
LISTED_SUFFIXES = ", ".join(SUFFIXES[:-1]) + f" or {SUFFIXES[-1]}"


def has_midi_suffix(path: PurePath) -> bool:
    """Whether a file is a MIDI file, by its name."""
    return path.suffix.lower() in SUFFIXES
