"""Scores in MusicXML and ABC are read like MIDI files."""

import io
import random
import zipfile
from contextlib import suppress

import pytest

from ostinato.schemas.notes import TICKS_PER_QUARTER
from shared.midi.faults import MidiFault, UnreadableMidi
from shared.midi.reader import read_score
from tests.support.midi import read_case

TUNE = "X:1\nT:A tune\nM:4/4\nL:1/8\nK:C\n{}|\n"
SCALE = [
    [start * 240, 240, pitch, 90] for start, pitch in enumerate((60, 62, 64, 65, 67, 69, 71, 72))
]
NOTE = "<note><pitch><step>{}</step><octave>4</octave></pitch><duration>{}</duration></note>"
DOCUMENT = (
    '<?xml version="1.0"?><score-partwise version="4.0"><part-list><score-part id="P1">'
    '<part-name>Flute</part-name></score-part></part-list><part id="P1">'
    '<measure number="1"><attributes><divisions>1</divisions><time><beats>4</beats>'
    "<beat-type>4</beat-type></time></attributes>{}</measure></part></score-partwise>"
)


def abc(music: str = "CDEF GABc") -> bytes:
    return TUNE.format(music).encode()


def musicxml() -> bytes:
    return DOCUMENT.format(NOTE.format("C", 2) + NOTE.format("E", 2)).encode()


def mxl(document: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("score.xml", document)
    return file.getvalue()


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"% a comment\n\n"])
def test_a_tune_in_abc(start: bytes) -> None:
    score = read_score(start + abc())
    assert score.pitched_notes.tolist() == SCALE
    assert len(score.bars) == 1


def test_chord_symbols_do_not_sound() -> None:
    assert read_score(abc('"Am"CDEF "G7/B"GABc')).pitched_notes.tolist() == SCALE


def test_a_tune_keeps_its_time_signature() -> None:
    bars = read_score(read_case("tune.abc")).bars
    assert [(bar.numerator, bar.denominator) for bar in bars] == [(3, 4), (3, 4)]


@pytest.mark.parametrize("data", [musicxml(), mxl(musicxml())], ids=["musicxml", "mxl"])
def test_a_score_in_musicxml(data: bytes) -> None:
    score = read_score(data)
    assert score.pitched_notes.tolist() == [[0, 960, 60, 90], [960, 960, 64, 90]]
    assert [track.name for track in score.tracks] == ["Flute"]
    assert len(score.bars) == 1


def bar_lengths(data: bytes) -> list[float]:
    return [bar.length / TICKS_PER_QUARTER for bar in read_score(data).bars]


def measures(*lengths: int) -> bytes:
    """A score in 4/4 with measures of these numbers of quarter notes."""
    first, *others = (NOTE.format("C", 1) * length for length in lengths)
    start, end = DOCUMENT.split("{}")
    rest = "".join(f'</measure><measure number="{i}">{it}' for i, it in enumerate(others, 2))
    return (start + first + rest + end).encode()


@pytest.mark.parametrize(
    ("lengths", "bars"),
    [
        ((1, 4, 4, 3), [1, 4, 4, 4]),
        ((4, 4), [4, 4]),
        ((2, 4, 1, 3, 4), [2, 4, 4, 4]),
        ((4, 3, 4, 4), [4, 3, 4, 4]),
        ((4, 5, 4), [4, 5, 4]),
        ((3, 4, 2, 2, 2, 2), [3, 4, 4, 4]),
    ],
)
def test_the_bars_of_a_score_are_its_measures(lengths: tuple[int, ...], bars: list[float]) -> None:
    """A pickup is a short bar; measures that a repeat divides are one."""
    assert bar_lengths(measures(*lengths)) == bars
    assert len(read_score(measures(*lengths)).pitched_notes) == sum(lengths)


def test_a_tune_may_begin_with_a_pickup() -> None:
    assert bar_lengths(abc("G2|CDEF GABc|CDEF GA")) == [1, 4, 4]


def test_a_score_in_utf_16() -> None:
    text = musicxml().decode().replace('"1.0"', '"1.0" encoding="UTF-16"')
    for data in (text.encode("utf-16"), mxl(text.encode("utf-16"))):
        assert len(read_score(data).pitched_notes) == 2


def test_malformed_repeats_are_left_out() -> None:
    repeat = '<barline location="left"><repeat direction="{}"/></barline>'
    start, end = DOCUMENT.split("{}")
    music = NOTE.format("C", 4) + '</measure><measure number="2">' + repeat.format("backward")
    document = start + repeat.format("backward") + music + NOTE.format("D", 4) + end
    assert len(read_score(document.encode()).pitched_notes) >= 2


@pytest.mark.parametrize("change", ["[M:3/4]CDEFGA|", "\nM:3/4\nCDEFGA|"])
def test_a_tune_that_changes_its_metre_is_refused(change: str) -> None:
    with pytest.raises(UnreadableMidi, match="write it as MusicXML or MIDI"):
        read_score(abc(f"CDEF GABc|{change}"))


def test_a_damaged_compressed_score_is_read_or_refused() -> None:
    """zipfile raises errors of many types, most often zlib's own."""
    rng, whole = random.Random(1), mxl(musicxml())  # noqa: S311 - damage, not secrets
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with suppress(UnreadableMidi):
            read_score(bytes(damaged))


@pytest.mark.parametrize(
    ("data", "fault", "detail"),
    [
        (abc() + b"\n" + abc().replace(b"X:1", b"X:2"), MidiFault.SEVERAL_TUNES, "2 tunes"),
        (musicxml()[:-30], MidiFault.MALFORMED, "The score cannot be read: ParseError"),
        (mxl(b"<html/>"), MidiFault.NOT_MIDI, "a zip file"),
        (b"PK\x03\x04 damaged", MidiFault.NOT_MIDI, "a zip file"),
        (b"<svg/>", MidiFault.NOT_MIDI, "a page or another document in XML"),
        (b"X: is no tune", MidiFault.NOT_MIDI, "not a MIDI file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_says_why(data: bytes, fault: MidiFault, detail: str) -> None:
    with pytest.raises(UnreadableMidi, match=detail) as error:
        read_score(data)
    assert error.value.fault is fault
