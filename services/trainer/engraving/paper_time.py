"""Times on paper: the measures of a melody, and notes rounded to its beats.

All times are ticks of 1/480 quarter note. On paper, a measure lasts a whole number of thirty-second
notes, and a note begins and ends at a multiple of a thirty-second or of a third of its beat. Notes
from an eighth on end at a multiple of a sixteenth, unless another note begins where they end: so a
note that is released a little early is not followed by a short rest.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ostinato.schemas.engravings import whole_length
from ostinato.schemas.notes import RELEASE_TOLERANCE, TICKS_PER_BAR, TICKS_PER_QUARTER, Bar, Note

THIRTY_SECOND, THIRD = TICKS_PER_QUARTER // 8, TICKS_PER_QUARTER // 3
"""What notes are rounded to."""
SIXTEENTH, EIGHTH = TICKS_PER_QUARTER // 4, TICKS_PER_QUARTER // 2
START_WEIGHT = 4
"""How much more the start of a note says about the rhythm than its end."""
BEATS_IN_COMPOUND_BEAT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A bar on paper."""

    number: int
    """0 for a pickup."""
    start: int
    """Where it begins in the melody."""
    paper_start: int
    """Where it begins on paper, where a cut bar may be a little longer."""
    length: int
    numerator: int
    denominator: int
    missing: int = 0
    """What a pickup lacks at its start."""

    @property
    def compound_beat(self) -> int | None:
        """Ticks of the dotted beats of 6/8, 9/8 and the like; None if the beats are not dotted."""
        if self.numerator <= BEATS_IN_COMPOUND_BEAT or self.numerator % BEATS_IN_COMPOUND_BEAT:
            return None
        return BEATS_IN_COMPOUND_BEAT * TICKS_PER_BAR // self.denominator

    @property
    def whole_length(self) -> int:
        """How long the time signature says that it is."""
        return self.numerator * TICKS_PER_BAR // self.denominator


@dataclass(frozen=True, slots=True)
class PaperNote:
    """Notes that begin and end together, on paper."""

    start: int
    end: int
    pitches: tuple[int, ...]
    """MIDI pitches, in ascending order."""
    velocity: int
    """The highest of their MIDI velocities."""


def bars_of_four_quarters(notes: Sequence[Note]) -> list[Bar]:
    """The bars that these notes need; a note that ends a little late begins no further bar."""
    last_start = max(note.start for note in notes)
    end = max(note.start + note.duration for note in notes) - RELEASE_TOLERANCE
    count = max(last_start, end - 1) // TICKS_PER_BAR + 1
    return [Bar(index * TICKS_PER_BAR, TICKS_PER_BAR, 4, 4) for index in range(count)]


def measures_of(bars: Sequence[Bar]) -> list[Measure]:
    """The measures of these bars; a first one that is shorter than the second is a pickup.

    A pickup has the time signature of the bar after it.
    """
    measures: list[Measure] = []
    has_pickup = _has_pickup(bars)
    paper_start = 0
    for index, bar in enumerate(bars):
        is_pickup = has_pickup and index == 0
        metre = bars[1] if is_pickup and bar.length < whole_length(bars[1]) else bar
        length = -(-bar.length // THIRTY_SECOND) * THIRTY_SECOND
        measure = Measure(
            number=index + (not has_pickup),
            start=bar.start,
            paper_start=paper_start,
            length=length,
            numerator=metre.numerator,
            denominator=metre.denominator,
            missing=whole_length(metre) - length if is_pickup else 0,
        )
        measures.append(measure)
        paper_start += length
    return measures


def _has_pickup(bars: Sequence[Bar]) -> bool:
    if len(bars) == 1:
        return False
    return bars[0].length < max(bars[1].length, whole_length(bars[0]))


class PaperTime:
    """Rounds the notes of one staff: each beat is divided into thirds or into thirty-seconds."""

    def __init__(self, measures: Sequence[Measure], notes: Sequence[Note]) -> None:
        self._measures = measures
        self._starts = [measure.start for measure in measures]
        self._paper_starts = [measure.paper_start for measure in measures]
        self._end = measures[-1].paper_start + measures[-1].length
        self._thirds = self._beats_in_thirds(notes)

    def round_notes(self, notes: Sequence[Note]) -> list[PaperNote]:
        """The notes on paper by start, the highest first.

        Of equal ones one remains; a note ends where the next one of its pitch begins.
        """
        starts = [self._round_start(note.start) for note in notes]
        begun = frozenset(starts)
        by_pitch: defaultdict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
        for start, note in zip(starts, notes, strict=True):
            end = self._round_end(start, note.start + note.duration, begun)
            known_end, velocity = by_pitch[note.pitch].get(start, (0, 0))
            by_pitch[note.pitch][start] = max(end, known_end), max(note.velocity, velocity)
        return _chords(by_pitch, self._end)

    def round_tick(self, tick: int) -> int:
        """The time on paper that is nearest to a time of the melody."""
        return self._round(tick, THIRTY_SECOND)

    def _round(self, tick: int, straight_step: int) -> int:
        index, beat, rest = self._locate(tick)
        step = THIRD if (index, beat) in self._thirds else straight_step
        measure = self._measures[index]
        in_measure = beat * TICKS_PER_QUARTER + _nearest(rest, step) - measure.missing
        return measure.paper_start + min(in_measure, measure.length)

    def _round_start(self, tick: int) -> int:
        start = self.round_tick(tick)
        return start if start < self._end else start - self._step_before(start)

    def _round_end(self, start: int, tick: int, begun: frozenset[int]) -> int:
        """Where a note ends; `begun` is where notes begin."""
        end = self.round_tick(tick)
        if end not in begun and end - start >= EIGHTH:
            end = self._round(tick, SIXTEENTH)
        return max(end, start + self._step_before(start + 1))

    def _step_before(self, paper_tick: int) -> int:
        """Into what the beat before a time on paper is divided."""
        index = bisect_right(self._paper_starts, paper_tick - 1) - 1
        measure = self._measures[index]
        beat = (paper_tick - 1 - measure.paper_start + measure.missing) // TICKS_PER_QUARTER
        return THIRD if (index, beat) in self._thirds else THIRTY_SECOND

    def _locate(self, tick: int) -> tuple[int, int, int]:
        """The index of the measure of a tick, the quarter in it, and the ticks after that."""
        index = bisect_right(self._starts, tick) - 1
        measure = self._measures[index]
        return index, *divmod(tick - measure.start + measure.missing, TICKS_PER_QUARTER)

    def _beats_in_thirds(self, notes: Iterable[Note]) -> frozenset[tuple[int, int]]:
        """The measures and beats in which thirds are nearer to the notes than thirty-seconds."""
        gains: defaultdict[tuple[int, int], int] = defaultdict(int)
        for note in notes:
            for tick, weight in ((note.start, START_WEIGHT), (note.start + note.duration, 1)):
                index, beat, rest = self._locate(tick)
                gain = abs(_nearest(rest, THIRTY_SECOND) - rest) - abs(_nearest(rest, THIRD) - rest)
                gains[index, beat] += weight * gain
        return frozenset(
            (index, beat)
            for (index, beat), gain in gains.items()
            if gain > 0 and self._is_whole(self._measures[index], beat)
        )

    @staticmethod
    def _is_whole(measure: Measure, beat: int) -> bool:
        """Whether a quarter is completely within its measure."""
        start = beat * TICKS_PER_QUARTER - measure.missing
        return 0 <= start <= measure.length - TICKS_PER_QUARTER


def _chords(
    by_pitch: Mapping[int, Mapping[int, tuple[int, int]]], end_of_paper: int
) -> list[PaperNote]:
    """Chords of the notes of each pitch: by their starts, their ends and velocities."""
    chords: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for pitch, notes in by_pitch.items():
        for start, next_start in pairwise((*sorted(notes), end_of_paper)):
            end, velocity = notes[start]
            chords[start, min(end, next_start)][pitch] = velocity
    rounded = [
        PaperNote(start, end, tuple(sorted(chord)), max(chord.values()))
        for (start, end), chord in chords.items()
    ]
    return sorted(rounded, key=lambda note: (note.start, -note.pitches[-1], -note.end))


def _nearest(tick: int, step: int) -> int:
    return (tick + step // 2) // step * step
