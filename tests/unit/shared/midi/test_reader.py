"""Files as people bring them: their tracks, notes, bars and tempos."""

from itertools import pairwise

import numpy as np
import pytest

from ostinato.schemas.notes import RELEASE_TOLERANCE, Bar
from shared.midi.container import Container
from shared.midi.events import NOTE_OFF, NOTE_ON, Event, write_events
from shared.midi.faults import MidiFault, UnreadableMidi
from shared.midi.reader import read_score
from shared.midi.score import Score
from shared.midi.writer import time_signature_event
from tests.support.midi import read_case
from tests.unit.shared.midi.raw_midi import END_OF_TRACK, NOTE, header, midi, track

FOUR_BARS = [(0, 1920), (1920, 1920), (3840, 1920), (5760, 1920)]


def read_case_score(name: str) -> Score:
    return read_score(read_case(name))


def starts_and_lengths(score: Score) -> list[tuple[int, int]]:
    return [(bar.start, bar.length) for bar in score.bars]


@pytest.mark.parametrize("name", ["ascii.mid", "crlf.mid", "zero1.mid", "zeros.mid", "song.rmi"])
def test_what_surrounds_a_file_does_not_matter(name: str) -> None:
    plain, found = read_case_score("plain.mid"), read_case_score(name)
    assert found.bars == plain.bars
    assert found.tempos == plain.tempos
    assert np.array_equal(found.pitched_notes, plain.pitched_notes)
    assert len(plain.pitched_notes) == 27


@pytest.mark.parametrize(
    ("name", "length", "signature"),
    [
        ("waltz8.mid", 1440, (3, 4)),
        ("six-eight8.mid", 1440, (6, 8)),
        ("seven-eight8.mid", 1680, (7, 8)),
    ],
)
def test_bars_follow_the_time_signature(name: str, length: int, signature: tuple[int, int]) -> None:
    bars = read_case_score(name).bars
    assert bars == tuple(Bar(number * length, length, *signature) for number in range(8))


def test_bars_follow_a_change_of_the_time_signature() -> None:
    bars = read_case_score("change.mid").bars
    assert [bar[2:] for bar in bars] == [(4, 4), (4, 4), (7, 8), (7, 8), (4, 4), (4, 4)]
    assert all(bar.start + bar.length == following.start for bar, following in pairwise(bars))


SIGNATURE = b"\xff\x58\x04"
THREE_FOUR, FOUR_FOUR = SIGNATURE + b"\x03\x02\x18\x08", SIGNATURE + b"\x04\x02\x18\x08"
HALF_A_BAR, TWO_BARS = b"\x87\x40", b"\x9e\x00"


def test_a_change_within_a_bar_begins_another_one() -> None:
    score = read_score(midi(HALF_A_BAR + THREE_FOUR + NOTE))
    assert score.bars == (Bar(0, 960, 4, 4), Bar(960, 1440, 3, 4))


@pytest.mark.parametrize("shift", [-59, -1, 1, 10, 59])
def test_a_time_signature_just_beside_a_bar_line_is_on_it(shift: int) -> None:
    events = [
        time_signature_event(3, 4),
        Event(0, NOTE_ON, b"\x3c\x50"),
        time_signature_event(4, 4)._replace(tick=2 * 1440 + shift),
        Event(7000, NOTE_OFF, b"\x3c\x00"),
    ]
    score = read_score(Container(division=480, tracks=(write_events(events),)).to_bytes())
    assert [bar.length for bar in score.bars] == [1440, 1440, 1920, 1920, 1920][: len(score.bars)]
    assert len(score.bars) == 5


def test_a_repeated_time_signature_changes_nothing() -> None:
    score = read_score(midi(b"\x00" + FOUR_FOUR + HALF_A_BAR + FOUR_FOUR + NOTE))
    assert score.bars == (Bar(0, 1920, 4, 4),)


def test_a_file_with_beats_but_no_bars_is_in_4_4() -> None:
    one_four = SIGNATURE + b"\x01\x02\x18\x08"
    assert read_score(midi(b"\x00" + one_four + NOTE)).bars == (Bar(0, 1920, 4, 4),)


@pytest.mark.parametrize(
    "name", ["released-late.mid", "released-24-late.mid", "released-40-late.mid", "pad4bars.mid"]
)
def test_a_late_release_begins_no_bar(name: str) -> None:
    assert starts_and_lengths(read_case_score(name)) == FOUR_BARS


def test_a_note_that_begins_after_the_bar_line_begins_a_bar() -> None:
    bar = b"\x8f\x00"  # 1,920 ticks
    assert len(read_score(midi(bar + NOTE[1:])).bars) == 2
    late_release = b"\x00\x90\x3c\x50" + b"\x8f\x3d\x80\x3c\x50"
    assert RELEASE_TOLERANCE < 61
    assert len(read_score(midi(late_release)).bars) == 2


def test_a_rest_at_the_end_counts() -> None:
    rest = NOTE + TWO_BARS + END_OF_TRACK[1:]
    assert len(read_score(header() + track(rest)).bars) == 3


def test_tracks_have_their_names_programs_channels_and_notes() -> None:
    score = read_case_score("band8.mid")
    found = [
        (track.chunk, track.channel, track.name, track.program, track.is_drum, len(track.notes))
        for track in score.tracks
    ]
    assert found == [
        (1, 0, "Piano", 0, False, 96),
        (2, 1, "Bass", 33, False, 32),
        (3, 2, "Strings", 48, False, 16),
        (4, 9, "Drums", 0, True, 64),
    ]
    assert len(score.pitched_notes) == 96 + 32 + 16


def test_names_are_text_without_control_characters() -> None:
    name = "Mélodie\x00\x07 🎵".encode()
    named = b"\x00\xff\x03" + bytes((len(name),)) + name
    assert read_score(midi(named + NOTE)).tracks[0].name == "Mélodie 🎵"
    latin = b"\x00\xff\x03\x01\xe9"
    assert read_score(midi(latin + NOTE)).tracks[0].name == "é"


def test_the_program_may_be_in_another_track() -> None:
    programs = track(b"\x00\xc0\x18" + END_OF_TRACK)
    score = read_score(header(tracks=2) + programs + track(NOTE + END_OF_TRACK))
    assert [track.program for track in score.tracks] == [24]


GS_DRUMS = b"\x00\xf0\x0a\x41\x10\x42\x12\x40\x11\x15\x01\x19\xf7"
"""Part 1, which is channel 1, is used for rhythm."""
XG_ON = b"\x00\xf0\x08\x43\x10\x4c\x00\x00\x7e\x00\xf7"


@pytest.mark.parametrize(
    ("before", "is_drum"),
    [
        (b"", False),
        (GS_DRUMS, True),
        (b"\x00\xb0\x00\x78", True),
        (b"\x00\xb0\x00\x7f", False),
        (XG_ON + b"\x00\xb0\x00\x7f", True),
    ],
    ids=["none", "GS", "GM2", "another bank", "XG"],
)
def test_a_second_channel_may_play_drums(before: bytes, *, is_drum: bool) -> None:
    assert read_score(midi(before + NOTE)).tracks[0].is_drum is is_drum


def test_notes_of_one_pitch_end_in_the_order_in_which_they_began() -> None:
    assert read_case_score("restruck.mid").tracks[0].notes.tolist() == [
        [0, 960, 60, 80],
        [480, 960, 60, 80],
        [1920, 1900, 64, 80],
        [3840, 1900, 67, 80],
    ]


def test_a_note_that_is_never_released_lasts_until_the_end_of_the_track() -> None:
    score = read_score(header() + track(b"\x00\x90\x3c\x50" + HALF_A_BAR + END_OF_TRACK[1:]))
    assert score.tracks[0].notes.tolist() == [[0, 960, 60, 80]]


@pytest.mark.parametrize(
    ("name", "tempos"),
    [
        ("slow15.mid", [(0, 4_000_000)]),
        ("tempo0.mid", [(0, 500_000)]),
        ("tempo16s.mid", [(0, 16_777_215)]),
    ],
)
def test_the_tempo_is_that_of_the_file(name: str, tempos: list[tuple[int, int]]) -> None:
    assert list(read_case_score(name).tempos) == tempos


def test_a_tempo_map_keeps_every_change() -> None:
    tempos = read_case_score("rit72.mid").tempos
    assert [round(60e6 / tempo.microseconds_per_quarter) for tempo in tempos][:2] == [72, 68]
    assert tempos[0].tick == 0
    assert len(tempos) > 3


def test_the_tracks_of_format_2_follow_each_other_on_bar_lines() -> None:
    both = track(NOTE + END_OF_TRACK) + track(NOTE + END_OF_TRACK)
    data = bytearray(header(tracks=2) + both)
    data[9] = 2
    starts = [track.notes[0, 0] for track in read_score(bytes(data)).tracks]
    assert starts == [0, 1920]


def test_times_in_frames_are_read_at_120_quarters_a_minute() -> None:
    twenty_five_frames_of_40_ticks = 0xE728
    score = read_score(
        midi(b"\x00\x90\x3c\x50" + b"\x83\x74\x80\x3c\x50", twenty_five_frames_of_40_ticks)
    )
    assert score.tracks[0].notes.tolist() == [[0, 480, 60, 80]]  # half a second


@pytest.mark.parametrize(
    ("data", "fault", "detail"),
    [
        (read_case("gz.mid"), MidiFault.NOT_MIDI, "it is a gzip file"),
        (read_case("page.mid"), MidiFault.NOT_MIDI, "it is a page or another document in XML"),
        (b"", MidiFault.NOT_MIDI, "is empty"),
        (b"RIFF", MidiFault.NOT_MIDI, "a RIFF file without MIDI"),
        (b"noise", MidiFault.NOT_MIDI, "it is not a MIDI file"),
        (b"MThd", MidiFault.MALFORMED, "header is truncated"),
        (header(), MidiFault.MALFORMED, "no track"),
        (midi(b""), MidiFault.NO_NOTES, "no notes"),
        (midi()[:-3], MidiFault.MALFORMED, "3 bytes are missing"),
        (midi(b"\x00\x90\x3c"), MidiFault.MALFORMED, "without a status|middle of an event"),
        (midi(b"\x00\x3c\x50"), MidiFault.MALFORMED, "without a status"),
        (midi(b"\x00\xf4"), MidiFault.MALFORMED, "unknown kind 0xf4"),
        (midi(b"\xff\xff\xff\xff\x7f\x90\x3c\x50"), MidiFault.MALFORMED, "has no end"),
        (midi(b"\x00\x90\xbc\x50"), MidiFault.MALFORMED, "above 127"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_error_says_what_is_wrong(data: bytes, fault: MidiFault, detail: str) -> None:
    with pytest.raises(UnreadableMidi, match=detail) as error:
        read_score(data)
    assert error.value.fault is fault
