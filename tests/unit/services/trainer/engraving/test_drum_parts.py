"""Drums on paper: positions and note heads, hits until the next one, and the sound of each."""

from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import Bar, Note
from services.trainer.engraving.musicxml import to_musicxml
from tests.support.music.musicxml import sounding_parts

BASS_DRUM, SNARE, HI_HAT, OPEN_HI_HAT, FLOOR_TOM = 36, 38, 42, 46, 43
BARS = [Bar(0, 1920, 4, 4)]


def engraved(notes: list[Note], bars: list[Bar], program: int = 0) -> str:
    track = MelodyTrack(name="", program=program, is_drum=True, notes=notes)
    return to_musicxml(EngravingRequest(tracks=[track], bar_positions=bars))


def hits(*places: tuple[int, int]) -> list[Note]:
    """Short notes at these times of these pitches."""
    return [Note(start, 20, pitch, 100) for start, pitch in places]


@pytest.mark.parametrize(
    ("pitch", "position", "notehead"),
    [
        (BASS_DRUM, "F4", "normal"),
        (SNARE, "C5", "normal"),
        (HI_HAT, "G5", "x"),
        (OPEN_HI_HAT, "G5", "circle-x"),
        (FLOOR_TOM, "A4", "normal"),
        (49, "A5", "x"),
        (51, "F5", "x"),
        (5, "B4", "x"),
        (127, "B4", "x"),
    ],
)
def test_a_drum_has_its_position_and_note_head(pitch: int, position: str, notehead: str) -> None:
    document = ET.fromstring(engraved(hits((0, pitch)), BARS))  # noqa: S314 - our own document
    [unpitched] = document.iter("unpitched")
    found = f"{unpitched.findtext('display-step')}{unpitched.findtext('display-octave')}"
    assert (found, document.findtext(".//notehead", "normal")) == (position, notehead)
    assert document.findtext(".//clef/sign") == "percussion"
    assert document.find(".//key") is None
    assert document.findtext(".//midi-unpitched") == str(pitch + 1)
    assert document.findtext(".//midi-channel") == "10"


def test_a_hit_lasts_until_the_next_one_or_the_end_of_its_beat() -> None:
    notes = hits((0, BASS_DRUM), (0, HI_HAT), (240, HI_HAT), (480, SNARE), (1560, FLOOR_TOM))
    assert sounding_parts(engraved(notes, BARS)) == [
        {
            (Fraction(0), Fraction(1, 2), BASS_DRUM),
            (Fraction(0), Fraction(1, 2), HI_HAT),
            (Fraction(1, 2), Fraction(1, 2), HI_HAT),
            (Fraction(1), Fraction(1), SNARE),
            (Fraction(13, 4), Fraction(3, 4), FLOOR_TOM),
        }
    ]


def test_a_hit_in_a_compound_metre_lasts_until_the_end_of_its_dotted_beat() -> None:
    notes = hits((0, BASS_DRUM), (960, SNARE))
    assert sounding_parts(engraved(notes, [Bar(0, 1440, 6, 8)])) == [
        {(Fraction(0), Fraction(3, 2), BASS_DRUM), (Fraction(2), Fraction(1), SNARE)}
    ]


def test_drums_at_the_same_position_keep_their_sounds() -> None:
    acoustic, electric = 38, 40
    document = engraved(hits((0, acoustic), (480, electric)), BARS, program=25)
    assert sounding_parts(document) == [
        {(Fraction(0), Fraction(1), acoustic), (Fraction(1), Fraction(1), electric)}
    ]
    kits = [kit.text for kit in ET.fromstring(document).iter("midi-program")]  # noqa: S314 - our own document
    assert kits == ["26", "26"]


def test_drums_alone_have_no_ids_but_those_of_their_sounds() -> None:
    document = ET.fromstring(engraved(hits((0, SNARE), (0, HI_HAT)), BARS))  # noqa: S314 - our own document
    assert [note.get("id") for note in document.iter("note") if note.get("id")] == []
    sounds = [sound.get("id") for sound in document.iter("score-instrument")]
    assert [sound.get("id") for sound in document.iter("instrument")] == sounds
