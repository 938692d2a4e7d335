"""Harmonic constraints: a scale, a chord progression and a pitch range.

>>> sorted(Scale(tonic="D", mode=Mode.DORIAN).pitch_classes)
[0, 2, 4, 5, 7, 9, 11]
>>> sorted(chord_tones("F#m7"))
[1, 4, 6, 9]
>>> sorted(chord_tones("C-7/Bb")) == sorted(chord_tones("Cmin7"))
True
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Self

from pychord import Chord, QualityManager
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
CHORD_EXAMPLES = "Am, F#m7, Bbmaj7, C13, G7#9, Csus4 or Am7/G"
MORE_QUALITIES = {
    "m13": ("1", "b3", "5", "b7", "9", "11", "13"),
    "13sus4": ("1", "4", "5", "b7", "9", "13"),
    "7sus2": ("1", "2", "5", "b7"),
    "maj7#5": ("1", "3", "#5", "7"),
    "maj7b5": ("1", "3", "b5", "7"),
    "m7b9": ("1", "b3", "5", "b7", "b9"),
}
"""Usual chords that pychord does not know."""
SPELLINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^m(?!aj|in)", ("min", "mi", "-")),
    (r"maj", ("M", "Maj", "ma", "(maj", "△")),
    (r"^dim", ("°", "o")),
    (r"^m7b5$", ("ø", "ø7")),
    (r"^aug$", ("+",)),
    (r"^7#5$", ("+7", "aug7")),
    (r"^69$", ("6/9",)),
    (r"^m69$", ("m6/9",)),
    (r"(?<=7)([b#]\d+)$", (r"(\1)",)),
)
"""Parts of pychord's names of qualities, and how else they are written."""


def _spell_qualities() -> dict[str, str]:
    """Every spelling of every quality, and pychord's name of it."""
    qualities = QualityManager()
    for name, intervals in MORE_QUALITIES.items():
        qualities.set_quality(name, intervals)
    spelled = {name: name for name in qualities.get_qualities()}
    for pattern, others in SPELLINGS:
        for spelling, name in list(spelled.items()):
            for other in others:
                end = ")" if other == "(maj" else ""
                written = re.sub(pattern, other, spelling) + end
                if written != spelling + end:
                    spelled.setdefault(written, name)
    return spelled


CHORD_QUALITIES = _spell_qualities()
"""What may follow the root in the name of a chord, and pychord's name for it."""
_CHORD = re.compile(r"([A-Ga-g])([#b]?)(.*?)(?:/([A-Ga-g])([#b]?))?")
_NOTE = "[A-Ga-g][#b]?"
_QUALITY = "|".join(re.sub(r"[()+]", r"\\\g<0>", name) for name in CHORD_QUALITIES if name)
_PATTERN = f"^{_NOTE}(?:{_QUALITY})?(?:/{_NOTE})?$"
"""The pattern in the OpenAPI document; `chord_tones` rejects other names with a clear message."""


@lru_cache(maxsize=4096)
def chord_tones(name: str) -> PitchClasses:
    """The pitch classes of a chord, its bass included; ValueError if the name is unknown."""
    found = _CHORD.fullmatch(name)
    if found is None or found[3] not in CHORD_QUALITIES:
        raise ValueError(
            f"{name!r} is not a chord: write a note from A to G, # or b if it is raised or "
            f"lowered, and the kind of the chord, such as {CHORD_EXAMPLES}"
        )
    root, bass = found[1].upper() + found[2], (found[4] or "").upper() + (found[5] or "")
    chord = Chord(root + CHORD_QUALITIES[found[3]])
    tones = {value % 12 for value in chord.components(visible=False)}
    return frozenset(tones | ({pitch_class(bass)} if bass else set()))


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
    Field(max_length=24, json_schema_extra={"pattern": _PATTERN}),
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
    """Names in any usual spelling, such as C, F#m7, Bbmaj7, C-7, G7#9 or Am7/G; one each bar."""
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
