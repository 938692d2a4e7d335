"""MIDI files: what is written, and what is read of other people's."""

import pytest
from symusic.core import NoteTick, ScoreTick, TrackTick

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.errors import InvalidMidi
from shared.tokenizers.midi_file import read_midi, write_midi
from tests.unit.shared.tokenizers.music import piece


def write(notes: list[Note], bars: int = 16) -> bytes:
    return write_midi(notes, tempo=93, instrument=5, bars=bars)


def length_in_ticks(midi: bytes) -> int:
    """Where the end of track is, by the time steps of the events that we write."""
    at, ticks, sizes = 22, 0, {0x80: 3, 0x90: 3, 0xC0: 2}
    while True:
        step = 0
        while midi[at] & 0x80:
            step, at = step << 7 | midi[at] & 0x7F, at + 1
        ticks += step << 7 | midi[at]
        at += 1
        if midi[at : at + 3] == b"\xff\x2f\x00":
            assert at + 3 == len(midi)
            return ticks
        at += sizes.get(midi[at] & 0xF0) or 3 + midi[at + 2]


@pytest.mark.parametrize("bars", [1, 2, 64, 256])
def test_the_track_ends_on_the_final_bar_line(bars: int) -> None:
    assert length_in_ticks(write([], bars)) == bars * TICKS_PER_BAR
    assert length_in_ticks(write([Note(60, 480, 60, 64)], bars)) == bars * TICKS_PER_BAR
    ends_with_it = [Note((bars - 1) * TICKS_PER_BAR, TICKS_PER_BAR, 60, 64)]
    assert length_in_ticks(write(ends_with_it, bars)) == bars * TICKS_PER_BAR


def test_it_has_one_track_with_tempo_metre_and_instrument() -> None:
    midi = write(piece(1))
    score = ScoreTick.from_midi(midi)
    assert int.from_bytes(midi[10:12], "big") == 1
    assert [(track.program, track.is_drum) for track in score.tracks] == [(5, False)]
    assert [round(tempo.qpm, 3) for tempo in score.tempos] == [93]
    assert [(ts.numerator, ts.denominator) for ts in score.time_signatures] == [(4, 4)]
    assert score.tpq == 480


@pytest.mark.parametrize("seed", range(10))
def test_notes_survive_the_file_and_the_bytes_are_the_same_each_time(seed: int) -> None:
    notes = piece(seed)
    apart = [note for note in notes if not rings_into(note, notes)]
    assert read_midi(write(apart)) == apart
    assert write(notes) == write(notes)


def rings_into(note: Note, notes: list[Note]) -> bool:
    """A file has one note-off a key: two notes of one key at a time cannot be told apart."""
    return any(
        other != note
        and other.pitch == note.pitch
        and other.start < note.start + note.duration
        and note.start < other.start + other.duration
        for other in notes
    )


def test_a_note_after_the_last_bar_is_refused() -> None:
    with pytest.raises(ValueError, match="bars: 1"):
        write([Note(0, TICKS_PER_BAR + 1, 60, 64)], bars=1)


def test_pitched_tracks_are_merged_drums_left_out_and_times_brought_to_our_ticks() -> None:
    score = ScoreTick(96)
    for pitch, is_drum in ((67, False), (38, True), (60, False)):
        track = TrackTick("", 0, is_drum)
        track.notes.append(NoteTick(96, 48, pitch, 70))
        score.tracks.append(track)
    assert read_midi(score.dumps_midi()) == [Note(480, 240, 60, 70), Note(480, 240, 67, 70)]


@pytest.mark.parametrize("data", [b"", b"RIFF" * 10, write([Note(0, 60, 60, 64)])[:30]])
def test_what_is_no_midi_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMidi):
        read_midi(data)
