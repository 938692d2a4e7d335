"""Tests of the MIDI writer."""

import pytest
from symusic.core import ScoreTick

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.midi.writer import write_midi
from tests.support.midi import read_midi
from tests.support.music.random_pieces import random_piece


def write(notes: list[Note], bars: int = 16) -> bytes:
    return write_midi(notes, tempo=93, instrument=5, bars=bars)


def length_in_ticks(midi: bytes) -> int:
    """The time of the end of track: the sum of all delta times."""
    offset, ticks, sizes = 22, 0, {0x80: 3, 0x90: 3, 0xC0: 2}
    while True:
        delta = 0
        while midi[offset] & 0x80:
            delta, offset = delta << 7 | midi[offset] & 0x7F, offset + 1
        ticks += delta << 7 | midi[offset]
        offset += 1
        if midi[offset : offset + 3] == b"\xff\x2f\x00":
            assert offset + 3 == len(midi)
            return ticks
        offset += sizes.get(midi[offset] & 0xF0) or 3 + midi[offset + 2]


@pytest.mark.parametrize("bars", [1, 2, 64, 256])
def test_the_track_ends_on_the_final_bar_line(bars: int) -> None:
    assert length_in_ticks(write([], bars)) == bars * TICKS_PER_BAR
    assert length_in_ticks(write([Note(60, 480, 60, 64)], bars)) == bars * TICKS_PER_BAR
    ends_on_it = [Note((bars - 1) * TICKS_PER_BAR, TICKS_PER_BAR, 60, 64)]
    assert length_in_ticks(write(ends_on_it, bars)) == bars * TICKS_PER_BAR


def test_it_has_one_track_with_tempo_time_signature_and_instrument() -> None:
    midi = write(random_piece(1))
    score = ScoreTick.from_midi(midi)
    assert int.from_bytes(midi[10:12], "big") == 1
    assert [(track.program, track.is_drum) for track in score.tracks] == [(5, False)]
    assert [round(tempo.qpm, 3) for tempo in score.tempos] == [93]
    assert [(meter.numerator, meter.denominator) for meter in score.time_signatures] == [(4, 4)]
    assert score.tpq == 480


@pytest.mark.parametrize("seed", range(10))
def test_notes_round_trip_and_bytes_are_reproducible(seed: int) -> None:
    notes = random_piece(seed)
    separate = [note for note in notes if not overlaps(note, notes)]
    assert read_midi(write(separate)) == separate
    assert write(notes) == write(notes)


def overlaps(note: Note, notes: list[Note]) -> bool:
    """Whether another note of the same pitch overlaps: their note-offs are ambiguous."""
    return any(
        other != note
        and other.pitch == note.pitch
        and other.start < note.start + note.duration
        and note.start < other.start + other.duration
        for other in notes
    )


def test_a_note_after_the_last_bar_is_rejected() -> None:
    with pytest.raises(ValueError, match="bars: 1"):
        write([Note(0, TICKS_PER_BAR + 1, 60, 64)], bars=1)
