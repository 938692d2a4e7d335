"""Draws a melody as a piano roll in SVG; color shows velocity."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Self

from ostinato.schemas.melodies import Melody, MelodyTrack
from ostinato.schemas.notes import RELEASE_TOLERANCE, Bar, Note, bar_length

WIDTH, MARGIN, HEADER, FOOTER = 1200.0, 28.0, 84.0, 44.0
KEYS_LEFT, KEYS_WIDTH, BLACK_WIDTH = 48.0, 40.0, 24.0
LEFT = KEYS_LEFT + KEYS_WIDTH + 3
GRID_WIDTH = WIDTH - MARGIN - LEFT
GRID_HEIGHT = 400.0
"""Height of all rows together, unless a row would exceed `MAX_ROW_HEIGHT`."""
MAX_ROW_HEIGHT = 14.0
MIN_PITCH_SPAN = 24
MIN_LABEL_GAP = 34.0
"""Pixels between two bar numbers."""
MIN_BEAT_GAP = 12.0
"""Pixels between two beat lines; closer ones are omitted."""
BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
SOFT, MIDDLE, LOUD = (86, 156, 214), (197, 134, 222), (255, 158, 100)

STYLE = """
text { font-family: Inter, "Segoe UI", "DejaVu Sans", sans-serif; fill: #a9b1d6 }
.title { font-size: 20px; font-weight: 600; fill: #e6e9f8 }
.small { font-size: 12px }
.paper { fill: #16161e } .row { fill: #1f2030 } .shade { fill: #1a1b27 }
.octave, .beat { stroke: #2a2c40 } .bar { stroke: #3f4363 }
.other { fill: #565f89; opacity: .6 }
.white { fill: #e6e9f8; stroke: #16161e; stroke-width: .6 } .black { fill: #24253a }
.octave-name { font-size: 10px; fill: #7a80a8 }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The bars and pitches of the picture, and their coordinates."""

    bars: tuple[Bar, ...]
    low: int
    high: int

    @classmethod
    def for_melody(cls, melody: Melody) -> Self:
        """All notes and bars of a melody, in whole octaves from C, at least two."""
        notes = [note for track in _pitched_tracks(melody) for note in track.notes]
        pitches = [note.pitch for note in notes] or [60]
        low = min(pitches) // 12 * 12
        high = max(low + MIN_PITCH_SPAN, math.ceil(max(pitches) / 12) * 12)
        bars = list(melody.bar_positions)
        end = max((note.start + note.duration for note in notes), default=0)
        while end - RELEASE_TOLERANCE > bars[-1].start + bars[-1].length:
            bars.append(bars[-1]._replace(start=bars[-1].start + bars[-1].length))
        return cls(bars=tuple(bars), low=low, high=high)

    @property
    def end(self) -> int:
        """Ticks until the end of the last bar."""
        return self.bars[-1].start + self.bars[-1].length

    @property
    def row_height(self) -> float:
        """Height of one pitch."""
        return min(MAX_ROW_HEIGHT, GRID_HEIGHT / (self.high - self.low + 1))

    @property
    def bar_width(self) -> float:
        """Mean width of a bar."""
        return GRID_WIDTH / len(self.bars)

    @property
    def bottom(self) -> float:
        """Lower edge of the grid."""
        return self.y(self.low) + self.row_height

    def x(self, tick: int) -> float:
        """Horizontal position of a tick."""
        return LEFT + min(tick, self.end) * GRID_WIDTH / self.end

    def y(self, pitch: int) -> float:
        """Upper edge of a pitch's row."""
        return HEADER + (self.high - pitch) * self.row_height

    @property
    def pitches(self) -> range:
        """The pitches of the rows, from the lowest to the highest."""
        return range(self.low, self.high + 1)

    @property
    def bar_number_step(self) -> int:
        """Bars from one bar number to the next: the lowest power of two without overlap."""
        step = 1
        while step * self.bar_width < MIN_LABEL_GAP:
            step *= 2
        return step


def draw(melody: Melody) -> str:
    """A melody as an SVG document."""
    frame = Frame.for_melody(melody)
    height = frame.bottom + FOOTER
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:.1f}" role="img">',
        f"<title>{_title(melody)}</title><style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH:g}" height="{height:.1f}" rx="14"/>',
        _text("title", MARGIN, 38, _title(melody)),
        _text("small", MARGIN, 62, _subtitle(melody)),
        *_legend(melody),
        *_rows(frame),
        *_lines(frame),
        *_bar_numbers(frame),
        *_keys(frame),
        *_other_notes(frame, melody),
        *(_note(frame, note) for note in melody.notes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _title(melody: Melody) -> str:
    return escape(f"{melody.model} · seed {melody.seed}")


def _subtitle(melody: Melody) -> str:
    bars = "1 bar" if melody.bars == 1 else f"{melody.bars} bars"
    return f"{bars} · {melody.tempo:g} BPM · {melody.num_notes} notes"


def _legend(melody: Melody) -> Iterator[str]:
    """A color scale of velocities; empty if all notes have the same velocity."""
    velocities = {note.velocity for note in melody.notes}
    if len(velocities) <= 1:
        return
    right = WIDTH - MARGIN - 34
    yield _text("small", right - 136, 38, "soft", anchor="end")
    for velocity in range(1, 128):
        yield _rect(right - 128 + velocity, 29, 2, 10, f'fill="{color(velocity)}"')
    yield _text("small", WIDTH - MARGIN, 38, "loud", anchor="end")


def _rows(frame: Frame) -> Iterator[str]:
    """One stripe per pitch, darker for a black key, with a line under each C."""
    for pitch in frame.pitches:
        shade = "shade" if pitch % 12 in BLACK_KEYS else "row"
        yield _rect(LEFT, frame.y(pitch), GRID_WIDTH, frame.row_height, f'class="{shade}"')
    for pitch in frame.pitches[::12]:
        y = frame.y(pitch) + frame.row_height
        yield _line("octave", LEFT, y, LEFT + GRID_WIDTH, y)


def _lines(frame: Frame) -> Iterator[str]:
    """Strong lines at numbered bars; faint ones at other bars, or at beats if they fit."""
    for index, bar in enumerate(frame.bars):
        beat = bar_length(1, bar.denominator)
        has_beats = frame.x(beat) - LEFT >= MIN_BEAT_GAP
        for tick in range(bar.start, bar.start + bar.length, beat if has_beats else bar.length):
            is_numbered = tick == bar.start and index % frame.bar_number_step == 0
            x = frame.x(tick)
            yield _line("bar" if is_numbered else "beat", x, HEADER, x, frame.bottom)
    yield _line("bar", LEFT + GRID_WIDTH, HEADER, LEFT + GRID_WIDTH, frame.bottom)


def _bar_numbers(frame: Frame) -> Iterator[str]:
    for index in range(0, len(frame.bars), frame.bar_number_step):
        x = frame.x(frame.bars[index].start)
        yield _text("small", x, frame.bottom + 20, f"{index + 1}")


def _keys(frame: Frame) -> Iterator[str]:
    """The keyboard: black keys are drawn over the white ones, and each C is labeled."""
    for pitch in frame.pitches:
        if pitch % 12 not in BLACK_KEYS:
            top, bottom = _white_edges(frame, pitch)
            yield _rect(KEYS_LEFT, top, KEYS_WIDTH, bottom - top, 'class="white" rx="2"')
    for pitch in frame.pitches:
        if pitch % 12 in BLACK_KEYS:
            yield _rect(KEYS_LEFT, frame.y(pitch), BLACK_WIDTH, frame.row_height, 'class="black"')
    for pitch in frame.pitches[::12]:
        baseline = frame.y(pitch) + frame.row_height / 2 + 3.5
        yield _text("octave-name", KEYS_LEFT - 6, baseline, f"C{pitch // 12 - 1}", anchor="end")


def _white_edges(frame: Frame, pitch: int) -> tuple[float, float]:
    """A white key extends to the middle of adjacent black keys."""
    top, bottom = frame.y(pitch), frame.y(pitch) + frame.row_height
    if (pitch + 1) % 12 in BLACK_KEYS and pitch < frame.high:
        top -= frame.row_height / 2
    if (pitch - 1) % 12 in BLACK_KEYS and pitch > frame.low:
        bottom += frame.row_height / 2
    return top, bottom


def _pitched_tracks(melody: Melody) -> list[MelodyTrack]:
    """The tracks of pitched instruments."""
    return [track for track in melody.tracks if not track.is_drum]


def _other_notes(frame: Frame, melody: Melody) -> Iterator[str]:
    """The notes of the other tracks of a file, behind those of the generated one."""
    for index, track in enumerate(melody.tracks):
        if index != melody.track and not track.is_drum:
            yield from (_rectangle(frame, note, 'class="other"') for note in track.notes)


def _note(frame: Frame, note: Note) -> str:
    radius = min(3.0, (frame.row_height - 1) / 3)
    return _rectangle(frame, note, f'fill="{color(note.velocity)}" rx="{radius:.1f}"')


def _rectangle(frame: Frame, note: Note, attributes: str) -> str:
    width = max(2.0, frame.x(note.start + note.duration) - frame.x(note.start) - 1)
    y, height = frame.y(note.pitch) + 0.5, frame.row_height - 1
    return _rect(frame.x(note.start) + 0.5, y, width, height, attributes)


def color(velocity: int) -> str:
    """The color of a velocity: from `SOFT` at 1 over `MIDDLE` at 64 to `LOUD` at 127."""
    share = (velocity - 1) / 63
    start, end, share = (SOFT, MIDDLE, share) if share < 1 else (MIDDLE, LOUD, share - 1)
    mixed = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _rect(x: float, y: float, width: float, height: float, attributes: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {attributes}/>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(kind: str, x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
