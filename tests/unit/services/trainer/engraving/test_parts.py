"""The part of a track: its key, and the spelling of its notes at written pitch."""

from itertools import accumulate

import pytest
from music21 import converter, stream

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import Note
from services.trainer.engraving.musicxml import to_musicxml

CLARINET, FLUTE = 71, 73


@pytest.mark.parametrize(
    ("program", "sharps", "names"),
    [
        (FLUTE, 2, ["D4", "E4", "F#4", "G4", "A4", "B4", "C#5", "D5", "F5", "G#5"]),
        (CLARINET, 4, ["E4", "F#4", "G#4", "A4", "B4", "C#5", "D#5", "E5", "G5", "A#5"]),
    ],
)
def test_the_key_and_the_spelling_are_those_of_the_written_pitch(
    program: int, sharps: int, names: list[str]
) -> None:
    pitches = [62, 64, 66, 67, 69, 71, 73, 74, 77, 80]
    lengths = [1920] * 8 + [240] * 2
    starts = [0, *accumulate(lengths)]
    notes = [
        Note(start, length, pitch, 80)
        for start, length, pitch in zip(starts, lengths, pitches, strict=False)
    ]
    track = MelodyTrack(name="", program=program, is_drum=False, notes=notes)
    score = converter.parseData(to_musicxml(EngravingRequest(tracks=[track])), format="musicxml")
    assert isinstance(score, stream.Score)
    part = score.parts[0]
    [key] = part.recurse().getElementsByClass("KeySignature")
    assert (key.sharps, [pitch.nameWithOctave for pitch in part.pitches]) == (sharps, names)
    shown = [
        pitch.accidental is not None and bool(pitch.accidental.displayStatus)
        for pitch in part.pitches
    ]
    assert shown == [False] * 8 + [True, True]
