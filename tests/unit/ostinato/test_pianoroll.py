"""The piano roll shows every note at its position, for any melody."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.pianoroll import GRID_WIDTH, HEADER, LEFT, Frame, color, draw
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import TICKS_PER_BAR, Bar, Note
from tests.unit.ostinato.payloads import SCALE, a_melody

SVG = "{http://www.w3.org/2000/svg}"
NOTES = st.builds(
    Note,
    start=st.integers(0, 64 * TICKS_PER_BAR),
    duration=st.integers(1, 8 * TICKS_PER_BAR),
    pitch=st.integers(0, 127),
    velocity=st.integers(1, 127),
)


def parts(picture: str, tag: str, kind: str | None = None) -> list[ET.Element]:
    root = ET.fromstring(picture)  # noqa: S314 - the text is trusted
    return [part for part in root.iter(SVG + tag) if kind is None or part.get("class") == kind]


def boxes(picture: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of the notes: the filled rectangles with round corners."""
    notes = [part for part in parts(picture, "rect") if part.get("fill") and part.get("rx")]
    sides = [[float(note.attrib[name]) for name in ("x", "y", "width", "height")] for note in notes]
    return [(x, y, x + width, y + height) for x, y, width, height in sides]


@given(notes=st.lists(NOTES, max_size=20), bars=st.integers(1, 64))
def test_every_note_is_inside_the_grid(notes: list[Note], bars: int) -> None:
    melody = a_melody(notes, bars=bars)
    drawn = boxes(draw(melody))
    assert len(drawn) == len(notes)
    bottom = Frame.for_melody(melody).bottom
    for left, top, right, under in drawn:
        assert LEFT <= left < right <= LEFT + GRID_WIDTH + 2.6, "the shortest note is 2 wide"
        assert HEADER <= top < under <= bottom


def test_time_increases_to_the_right_and_pitch_upwards() -> None:
    drawn = boxes(draw(a_melody(SCALE)))
    assert [left for left, *_ in drawn] == sorted(left for left, *_ in drawn)
    assert [top for _, top, *_ in drawn] == sorted((top for _, top, *_ in drawn), reverse=True)


def test_a_note_on_a_bar_line_starts_at_that_line() -> None:
    picture = draw(a_melody([Note(TICKS_PER_BAR, 480, 60, 90)], bars=4))
    lines = [float(line.attrib["x1"]) for line in parts(picture, "line", "bar")]
    assert len(lines) == 5
    assert boxes(picture)[0][0] == pytest.approx(lines[1], abs=0.7)


@pytest.mark.parametrize("bars", [1, 2, 8, 16, 33, 64, 256])
def test_bar_numbers_start_at_1_and_do_not_overlap(bars: int) -> None:
    below = Frame.for_melody(a_melody(bars=bars)).bottom
    texts = parts(draw(a_melody(bars=bars)), "text", "small")
    numbers = [text for text in texts if float(text.attrib["y"]) > below]
    assert numbers[0].text == "1"
    positions = [float(number.attrib["x"]) for number in numbers]
    assert all(right - left >= 30 for left, right in pairwise(positions))
    assert len(numbers) >= min(bars, 16)


def test_notes_after_the_last_bar_are_shown() -> None:
    assert Frame.for_melody(a_melody([Note(7 * TICKS_PER_BAR, 480, 60, 90)], bars=2)).bars[7:] == (
        Bar(7 * TICKS_PER_BAR, TICKS_PER_BAR, 4, 4),
    )


def test_a_melody_without_notes_is_an_empty_grid() -> None:
    picture = draw(a_melody([]))
    assert boxes(picture) == []
    assert "0 notes" in picture


def test_the_title_names_model_seed_bars_and_tempo() -> None:
    texts = [text.text for text in parts(draw(a_melody(bars=1)), "text")]
    assert "mini · seed 7" in texts
    assert "1 bar · 90 BPM · 8 notes" in texts


def test_names_are_escaped() -> None:
    texts = [text.text for text in parts(draw(a_melody(model='<b>&"')), "text", "title")]
    assert texts == ['<b>&" · seed 7']


def test_the_color_gets_redder_with_velocity() -> None:
    reds = [int(color(velocity)[1:3], 16) for velocity in range(1, 128)]
    assert reds == sorted(reds)
    assert (color(1), color(64), color(127)) == ("#569cd6", "#c586de", "#ff9e64")


def test_the_legend_is_shown_only_if_velocities_differ() -> None:
    even = [note._replace(velocity=80) for note in SCALE]
    assert "loud" in draw(a_melody(SCALE))
    assert "loud" not in draw(a_melody(even))


def test_every_c_is_labeled_and_the_keyboard_matches_the_rows() -> None:
    melody = a_melody([Note(0, 480, 36, 90), Note(0, 480, 71, 90)])
    picture = draw(melody)
    names = [text.text for text in parts(picture, "text", "octave-name")]
    assert names == ["C2", "C3", "C4", "C5"]
    assert len(parts(picture, "rect", "white")) == 3 * 7 + 1
    assert len(parts(picture, "rect", "black")) == 3 * 5


def test_bars_have_the_widths_of_their_metres() -> None:
    bars = [Bar(0, 480, 4, 4), Bar(480, 1440, 3, 4), Bar(1920, 1440, 6, 8)]
    melody = a_melody([], bars=3).model_copy(update={"bar_positions": bars})
    lines = [float(line.attrib["x1"]) for line in parts(draw(melody), "line", "bar")]
    widths = [right - left for left, right in pairwise(lines)]
    assert widths == pytest.approx(
        [GRID_WIDTH / 7, 3 * GRID_WIDTH / 7, 3 * GRID_WIDTH / 7], abs=0.2
    )
    beats = parts(draw(melody), "line", "beat")
    assert len(beats) == 2 + 5, "two in 3/4, five in 6/8"


def test_other_pitched_tracks_are_behind_the_melody() -> None:
    bass = MelodyTrack(name="Bass", program=33, is_drum=False, notes=[Note(0, 960, 36, 80)])
    drums = MelodyTrack(name="Drums", program=0, is_drum=True, notes=[Note(0, 60, 42, 80)])
    melody = a_melody(SCALE)
    tracks = [bass, melody.tracks[0], drums]
    picture = draw(melody.model_copy(update={"tracks": tracks, "track": 1}))
    assert len(parts(picture, "rect", "other")) == 1
    assert len(boxes(picture)) == len(SCALE)
