"""Sheet music says what the notes say, to whoever reads MusicXML."""

import random
from fractions import Fraction

import pytest
from music21 import converter, stream

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.notes import TICKS_PER_QUARTER, Note
from services.trainer.engraving.musicxml import musicxml_of
from tests.sheet_music import sounding

PIANO, VIOLIN, FLUTE = 0, 40, 73
MELODY = [Note(0, 480, 67, 80), Note(480, 240, 69, 80), Note(720, 240, 71, 80)]
OVER_THE_LINE = [Note(1440, 960, 72, 80)]
BASS = [Note(0, 1920, 48, 60), Note(0, 1920, 55, 60)]
HELD_BELOW = [Note(0, 1920, 60, 70), Note(480, 480, 76, 70), Note(960, 480, 77, 70)]
TRIPLETS = [Note(2880 + i * 160, 160, 62 + i, 80) for i in range(3)]


def engraved(notes: list[Note], instrument: int = PIANO, title: str = "A tune") -> str:
    return musicxml_of(EngravingRequest(notes=notes, title=title, tempo=96, instrument=instrument))


def read(notes: list[Note], instrument: int = PIANO, title: str = "A tune") -> stream.Score:
    score = converter.parseData(engraved(notes, instrument, title), format="musicxml")
    assert isinstance(score, stream.Score)
    return score


def quarters(notes: list[Note]) -> set[tuple[Fraction, Fraction, int]]:
    return {
        (
            Fraction(each.start, TICKS_PER_QUARTER),
            Fraction(each.duration, TICKS_PER_QUARTER),
            each.pitch,
        )
        for each in notes
    }


@pytest.mark.parametrize("notes", [MELODY, OVER_THE_LINE, BASS, HELD_BELOW, TRIPLETS])
@pytest.mark.parametrize("instrument", [PIANO, FLUTE])
def test_every_note_is_read_as_it_was(notes: list[Note], instrument: int) -> None:
    assert sounding(engraved(notes, instrument)) == quarters(notes)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_sounds_together_is_read_as_it_was(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    notes = {
        (start := chance.randrange(64) * 60, pitch := chance.randrange(36, 90)): Note(
            start, chance.randrange(1, 17) * 60, pitch, 80
        )
        for _ in range(60)
    }
    apart = [
        each
        for each in notes.values()
        if not any(
            other.pitch == each.pitch and each.start < other.start <= each.start + each.duration
            for other in notes.values()
        )
    ]
    assert sounding(engraved(apart)) == quarters(apart)


@pytest.mark.parametrize("seed", [69, 135])
def test_rests_between_thirds_and_eighths_can_be_written(seed: int) -> None:
    """Two of 150 random pieces once could not."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    notes = [
        Note(
            chance.choice((60, 160, 1)) * chance.randrange(1, 48),
            chance.choice((60, 160, 1, 37)) * chance.randrange(1, 12),
            chance.randrange(40, 90),
            80,
        )
        for _ in range(chance.randrange(1, 14))
    ]
    heard = sounding(engraved(notes, chance.choice((PIANO, VIOLIN))))
    assert {pitch for _, _, pitch in heard} == {note.pitch for note in notes}


def test_a_keyboard_has_a_staff_for_each_hand_and_nobody_else_has() -> None:
    both = MELODY + BASS
    treble, bass = read(both).parts
    assert {pitch.midi for pitch in treble.pitches} == {67, 69, 71}
    assert {pitch.midi for pitch in bass.pitches} == {48, 55}
    assert len(read(both, FLUTE).parts) == 1
    assert len(read(MELODY).parts) == 1
    assert len(read(BASS).parts) == 1


def test_it_says_title_tempo_key_and_instrument() -> None:
    scale = [Note(i * 480, 480, 62 + step, 80) for i, step in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]
    score = read(scale, FLUTE, title="Dawn & dusk")
    assert score.metadata.bestTitle == "Dawn & dusk"
    [mark] = score.recurse().getElementsByClass("MetronomeMark")
    assert mark.number == 96
    assert {each.sharps for each in score.recurse().getElementsByClass("KeySignature")} == {2}
    player = score.parts[0].getInstrument()
    assert player is not None
    assert player.midiProgram == FLUTE


def test_what_cannot_be_written_down_is_moved_to_where_it_can() -> None:
    crooked = [Note(7, 470, 60, 80), Note(1, 1, 64, 80)]
    heard = sounding(engraved(crooked))
    assert (Fraction(0), Fraction(1), 60) in heard
    assert {pitch for _, _, pitch in heard} == {60, 64}
