"""Metronome marks at the places of a melody's tempos."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from music21 import stream, tempo

from ostinato.schemas.notes import TICKS_PER_QUARTER, TempoMark
from services.trainer.engraving.paper_time import Measure, PaperTime

MAX_MARKS = 200
"""Of more marks, each measure has its last one only, so that the tempo after it is right."""
DIGITS = 2
"""Files have times in whole microseconds, which are seldom round tempos."""


def insert_tempos(
    staff: stream.PartStaff, tempos: Sequence[TempoMark], measures: Sequence[Measure]
) -> None:
    """Insert marks in the measures of a staff; equal ones in succession are written once."""
    engraved = list(staff.getElementsByClass(stream.Measure))
    for index, position, number in _marks(tempos, measures):
        offset = Fraction(position, TICKS_PER_QUARTER)
        engraved[index].insert(offset, tempo.MetronomeMark(number=number))


def _marks(
    tempos: Sequence[TempoMark], measures: Sequence[Measure]
) -> list[tuple[int, int, float]]:
    """The index of the measure, the ticks in it, and the quarters per minute of each mark."""
    paper_time = PaperTime(measures, ())
    starts = [measure.paper_start for measure in measures]
    end = starts[-1] + measures[-1].length
    by_place: dict[tuple[int, int], float] = {}
    for start, quarters_per_minute in tempos:
        paper_tick = paper_time.round_tick(start)
        if paper_tick < end:
            index = bisect_right(starts, paper_tick) - 1
            by_place[index, paper_tick - starts[index]] = round(quarters_per_minute, DIGITS)
    if len(by_place) > MAX_MARKS:
        last_places = dict(by_place.keys())
        by_place = {place: by_place[place] for place in last_places.items()}
    marks: list[tuple[int, int, float]] = []
    for (index, position), number in by_place.items():
        if not marks or marks[-1][2] != number:
            marks.append((index, position, number))
    return marks
