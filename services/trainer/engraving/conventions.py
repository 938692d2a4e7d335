"""What engravings have in common: heading, key, spelling, hands of keyboards."""

from collections.abc import Iterable, Sequence

from music21 import metadata, note, pitch, stream

from ostinato.schemas.notes import Note

KEYBOARDS = range(24)
"""General MIDI programs: pianos, chromatic percussion, organs."""
MIDDLE_C = 60
DEFAULT_TITLE, COMPOSER = "A piece", "Ostinato"
FIFTHS = "FCGDAEB"
"""Note names in ascending fifths."""


def heading(title: str) -> metadata.Metadata:
    """What is printed above the music."""
    return metadata.Metadata(title=title or DEFAULT_TITLE, composer=COMPOSER)


def split_hands(notes: Sequence[Note], program: int) -> list[list[Note]]:
    """The notes of each staff, top staff first; none is empty, unless there are no notes."""
    if program not in KEYBOARDS:
        return [list(notes)]
    right = [melody_note for melody_note in notes if melody_note.pitch >= MIDDLE_C]
    left = [melody_note for melody_note in notes if melody_note.pitch < MIDDLE_C]
    return [hand for hand in (right, left) if hand] or [[]]


def key_signature(elements: Iterable[note.NotRest]) -> int:
    """Sharps of the key that fits best, at most six; negative numbers are flats."""
    return nearest_signature(stream.Stream(list(elements)).analyze("key").sharps)


def nearest_signature(sharps: int) -> int:
    """The key signature of the same pitches with at most six sharps or flats."""
    return sharps - 12 * round(sharps / 12)


def spell(midi_pitch: int, sharps: int) -> pitch.Pitch:
    """The enharmonic spelling that is closest to the key on the circle of fifths."""
    flattest = sharps - 3  # in C major: E flat; the sharpest spelling is G sharp
    fifths = flattest + (7 * midi_pitch - flattest) % 12
    alteration, name = divmod(fifths + 1, 7)
    spelled = pitch.Pitch(FIFTHS[name])
    spelled.accidental = pitch.Accidental(alteration)
    spelled.octave = (midi_pitch - alteration) // 12 - 1
    return spelled
