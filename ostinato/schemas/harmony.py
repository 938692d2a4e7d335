"""Harmonic constraints: a scale, a chord progression and a pitch range.

>>> sorted(Scale(tonic="D", mode=Mode.DORIAN).pitch_classes)
[0, 2, 4, 5, 7, 9, 11]
>>> sorted(chord_tones("F#m7"))
[1, 4, 6, 9]
"""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from ostinato.schemas.names import matches
from ostinato.schemas.schema import Schema

NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {"": 0, "#": 1, "b": -1}
MAX_CHORDS = 64
TONIC = "^[A-G][#b]?$"

PitchClasses = frozenset[int]
"""Pitch classes; 0 is C, 11 is B."""


class Mode(StrEnum):
    """Scales and modes."""

    MAJOR = "major"
    MINOR = "minor"
    HARMONIC_MINOR = "harmonic minor"
    MELODIC_MINOR = "melodic minor"
    DORIAN = "dorian"
    PHRYGIAN = "phrygian"
    LYDIAN = "lydian"
    MIXOLYDIAN = "mixolydian"
    LOCRIAN = "locrian"
    MAJOR_PENTATONIC = "major pentatonic"
    MINOR_PENTATONIC = "minor pentatonic"
    BLUES = "blues"
    WHOLE_TONE = "whole tone"


SCALE_OFFSETS: dict[Mode, tuple[int, ...]] = {
    Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11),
    Mode.MINOR: (0, 2, 3, 5, 7, 8, 10),
    Mode.HARMONIC_MINOR: (0, 2, 3, 5, 7, 8, 11),
    Mode.MELODIC_MINOR: (0, 2, 3, 5, 7, 9, 11),
    Mode.DORIAN: (0, 2, 3, 5, 7, 9, 10),
    Mode.PHRYGIAN: (0, 1, 3, 5, 7, 8, 10),
    Mode.LYDIAN: (0, 2, 4, 6, 7, 9, 11),
    Mode.MIXOLYDIAN: (0, 2, 4, 5, 7, 9, 10),
    Mode.LOCRIAN: (0, 1, 3, 5, 6, 8, 10),
    Mode.MAJOR_PENTATONIC: (0, 2, 4, 7, 9),
    Mode.MINOR_PENTATONIC: (0, 3, 5, 7, 10),
    Mode.BLUES: (0, 3, 5, 6, 7, 10),
    Mode.WHOLE_TONE: (0, 2, 4, 6, 8, 10),
}
"""The pitches of each mode, in semitones above the tonic."""
CHORD_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "9": (0, 4, 7, 10, 2),
    "maj9": (0, 4, 7, 11, 2),
    "m9": (0, 3, 7, 10, 2),
    "add9": (0, 4, 7, 2),
}
"""The tones of a chord in semitones above its root, by the suffix of its name."""
_CHORD = re.compile(r"([A-G])([#b]?)(.*)")
_PATTERN = f"^[A-G][#b]?(?:{'|'.join(quality for quality in CHORD_QUALITIES if quality)})?$"
"""The pattern in the OpenAPI document; `chord_tones` rejects other names with a clear message."""


def chord_tones(name: str) -> PitchClasses:
    """The pitch classes of a chord; ValueError if the name is unknown."""
    found = _CHORD.fullmatch(name)
    if found is None or found[3] not in CHORD_QUALITIES:
        valid = ", ".join(quality for quality in CHORD_QUALITIES if quality)
        raise ValueError(
            f"{name!r} is not a chord: expected A to G, optionally # or b, then nothing or {valid}"
        )
    root = pitch_class(found[1] + found[2])
    return frozenset((root + step) % 12 for step in CHORD_QUALITIES[found[3]])


def pitch_class(name: str) -> int:
    """The pitch class of a note name without octave, such as F#."""
    return (NATURALS[name[0]] + ACCIDENTALS[name[1:]]) % 12


def _valid_chord(name: str) -> str:
    chord_tones(name)
    return name


Tonic = Annotated[
    str,
    Field(json_schema_extra={"pattern": TONIC}),
    AfterValidator(matches(TONIC, "write A to G, then # or b if it is raised or lowered")),
]
ChordName = Annotated[
    str,
    Field(max_length=16, json_schema_extra={"pattern": _PATTERN}),
    AfterValidator(_valid_chord),
]
Strictness = Annotated[float, Field(ge=0.0, le=1.0)]
"""The odds of every other pitch are multiplied by 1 - strictness; 1 excludes it."""


class Scale(Schema):
    """A scale that constrains the pitches."""

    tonic: Tonic = "C"
    """Note name of the scale's first degree: A to G, optionally with # or b."""
    mode: Mode = Mode.MAJOR
    strictness: Strictness = 1.0
    """The odds of pitches outside the scale are multiplied by 1 - strictness; 1 excludes them."""

    @property
    def pitch_classes(self) -> PitchClasses:
        """The pitch classes of the scale."""
        tonic = pitch_class(self.tonic)
        return frozenset((tonic + step) % 12 for step in SCALE_OFFSETS[self.mode])


class Chords(Schema):
    """A chord progression, one chord per bar, repeated until the end."""

    progression: Annotated[
        tuple[ChordName, ...], Field(min_length=1, max_length=MAX_CHORDS, fail_fast=True)
    ]
    """Names such as C, F#m7 or Bbmaj7; a bar has one chord."""
    strictness: Strictness = 0.9
    """The odds of pitches outside the chord are multiplied by 1 - strictness; 1 excludes them."""


class PitchRange(Schema):
    """The lowest and the highest MIDI pitch allowed."""

    lowest: Annotated[int, Field(ge=21, le=108)] = 21
    """Lowest MIDI pitch; 60 is middle C."""
    highest: Annotated[int, Field(ge=21, le=108)] = 108
    """Highest MIDI pitch; 60 is middle C."""

    @model_validator(mode="after")
    def _spans_an_octave(self) -> Self:
        if self.highest - self.lowest < 11:  # noqa: PLR2004 - an octave contains every pitch class
            raise ValueError("lowest, highest: must contain at least 12 keys, such as 60 to 71")
        return self
