"""A MusicXML document contains the notes that were engraved, and is readable notation."""

import random
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from music21 import converter, stream

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.notes import TICKS_PER_QUARTER, Note
from services.trainer.engraving.musicxml import to_musicxml
from tests.support.music.musicxml import sounding_notes

PIANO, VIOLIN, FLUTE = 0, 40, 73
MELODY = [Note(0, 480, 67, 80), Note(480, 240, 69, 80), Note(720, 240, 71, 80)]
OVER_THE_BAR_LINE = [Note(1440, 960, 72, 80)]
BASS = [Note(0, 1920, 48, 60), Note(0, 1920, 55, 60)]
HELD_BELOW = [Note(0, 1920, 60, 70), Note(480, 480, 76, 70), Note(960, 480, 77, 70)]
TRIPLETS = [Note(2880 + i * 160, 160, 62 + i, 80) for i in range(3)]


def engraved(notes: list[Note], instrument: int = PIANO, title: str = "A tune") -> str:
    return to_musicxml(EngravingRequest(notes=notes, title=title, tempo=96, instrument=instrument))


def read(notes: list[Note], instrument: int = PIANO, title: str = "A tune") -> stream.Score:
    score = converter.parseData(engraved(notes, instrument, title), format="musicxml")
    assert isinstance(score, stream.Score)
    return score


def quarters(notes: list[Note]) -> set[tuple[Fraction, Fraction, int]]:
    return {
        (
            Fraction(note.start, TICKS_PER_QUARTER),
            Fraction(note.duration, TICKS_PER_QUARTER),
            note.pitch,
        )
        for note in notes
    }


@pytest.mark.parametrize(
    "title",
    ["bell\x07", "nul\x00", "\ufffe\uffffx", "\x85<&>", "Ünder 🎵 </work-title>", "\x1b[1m"],
)
def test_any_title_gives_a_well_formed_document(title: str) -> None:
    document = ET.fromstring(engraved(MELODY, title=title))  # noqa: S314 - our own document
    printable = "".join(c for c in title if c.isprintable() and c not in "\ufffe\uffff")
    assert document.findtext(".//movement-title") == printable


@pytest.mark.parametrize("notes", [MELODY, OVER_THE_BAR_LINE, BASS, HELD_BELOW, TRIPLETS])
@pytest.mark.parametrize("instrument", [PIANO, FLUTE])
def test_every_note_is_in_the_document(notes: list[Note], instrument: int) -> None:
    assert sounding_notes(engraved(notes, instrument)) == quarters(notes)


@pytest.mark.parametrize("seed", range(4))
def test_overlapping_notes_are_in_the_document(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    notes = {
        (start := rng.randrange(32) * 120, pitch := rng.randrange(36, 90)): Note(
            start, rng.randrange(1, 9) * 120, pitch, 80
        )
        for _ in range(30)
    }
    not_overlapping_itself = [
        note
        for note in notes.values()
        if not any(
            other.pitch == note.pitch and note.start < other.start <= note.start + note.duration
            for other in notes.values()
        )
    ]
    assert sounding_notes(engraved(not_overlapping_itself)) == quarters(not_overlapping_itself)


@pytest.mark.parametrize("seed", [69, 135])
def test_rests_between_triplets_and_eighths_are_engraved(seed: int) -> None:
    """These two of 150 random pieces once failed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    notes = [
        Note(
            rng.choice((60, 160, 1)) * rng.randrange(1, 48),
            rng.choice((60, 160, 1, 37)) * rng.randrange(1, 12),
            rng.randrange(40, 90),
            80,
        )
        for _ in range(rng.randrange(1, 14))
    ]
    found = sounding_notes(engraved(notes, rng.choice((PIANO, VIOLIN))))
    assert {pitch for _, _, pitch in found} == {note.pitch for note in notes}


def test_only_a_keyboard_has_a_staff_for_each_hand() -> None:
    both = MELODY + BASS
    treble, bass = read(both).parts
    assert {pitch.midi for pitch in treble.pitches} == {67, 69, 71}
    assert {pitch.midi for pitch in bass.pitches} == {48, 55}
    assert len(read(both, FLUTE).parts) == 1
    assert len(read(MELODY).parts) == 1
    assert len(read(BASS).parts) == 1


def test_title_tempo_key_and_instrument_are_in_the_document() -> None:
    scale = [Note(i * 480, 480, 62 + step, 80) for i, step in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]
    score = read(scale, FLUTE, title="Dawn & dusk")
    assert score.metadata.bestTitle == "Dawn & dusk"
    [mark] = score.recurse().getElementsByClass("MetronomeMark")
    assert mark.number == 96
    assert {key.sharps for key in score.recurse().getElementsByClass("KeySignature")} == {2}
    part_instrument = score.parts[0].getInstrument()
    assert part_instrument is not None
    assert part_instrument.midiProgram == FLUTE


def test_notes_off_the_notation_grid_are_quantized() -> None:
    off_grid = [Note(7, 470, 60, 80), Note(1, 1, 64, 80)]
    found = sounding_notes(engraved(off_grid))
    assert (Fraction(0), Fraction(1), 60) in found
    assert {pitch for _, _, pitch in found} == {60, 64}
