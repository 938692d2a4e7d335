"""Extraction of notes from a music21 score, aligned with its bars.

A score that cannot be aligned raises `SkipFile` with the reason.
"""

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from music21 import harmony, meter, note, stream

from ostinato.schemas.notes import COMMON_TIME, TICKS_PER_QUARTER, Metre
from services.trainer.data.parsed_file import MIN_NOTES, SkipFile, SkipReason
from services.trainer.data.piece import Notes
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH

BINARY_METERS = frozenset({"4/4", "2/2", "2/4"})
"""Meters of which one bar, or two bars together, last four quarters."""
TEMPO = 120
"""Tempo of all scores in quarters per minute; their own tempo marks are rarely exact."""
DEFAULT_VELOCITY = 80
"""Velocity of every note, since scores have few dynamics."""


def extract_notes(
    score: stream.Score, metres: tuple[Metre, ...] = COMMON_TIME
) -> tuple[Notes, tuple[Metre, ...]]:
    """Merge all parts into one sequence of notes at sounding pitch, with downbeats at bar lines.

    Also returns the metres of the bars: a score is in one of `metres`; in 4/4 there are none.

    Tied notes are joined, repeats are not expanded, grace notes and chord symbols are dropped. Of
    two notes with equal start and pitch, the longer is kept.

    Raises:
        SkipFile: the score is not used.
    """
    metre = _metre(score, metres)
    downbeat = _first_downbeat(score)
    sounding = score.toSoundingPitch().stripTies()
    longest: dict[tuple[int, int], int] = {}
    for start, duration, pitch in _note_events(sounding):
        longest[start, pitch] = max(duration, longest.get((start, pitch), 0))
    if len(longest) < MIN_NOTES:
        raise SkipFile(SkipReason.TOO_SHORT)
    rows = [
        (start, length, pitch, DEFAULT_VELOCITY)
        for (start, pitch), length in sorted(longest.items())
    ]
    notes = _align(np.array(rows, dtype=np.int64), downbeat, metre.bar_length)
    if metre is Metre.FOUR_FOUR:
        return notes, ()
    return notes, (metre,) * math.ceil(int(notes[:, :2].sum(axis=1).max()) / metre.bar_length)


def _metre(score: stream.Score, known: tuple[Metre, ...]) -> Metre:
    """The metre in which the bars of a score are counted.

    Raises:
        SkipFile: none of the known ones fits all bars.
    """
    meters = {sign.ratioString for sign in score.recurse().getElementsByClass(meter.TimeSignature)}
    if known != COMMON_TIME and len(meters) == 1 and meters <= set(known):
        return Metre(meters.pop())
    if not meters or not meters <= BINARY_METERS:
        raise SkipFile(SkipReason.METER)
    return Metre.FOUR_FOUR


def _first_downbeat(score: stream.Score) -> int:
    """Ticks before the first full bar, with which all full bars must be aligned."""
    meters = {sign.ratioString for sign in score.recurse().getElementsByClass(meter.TimeSignature)}
    bar = min(Fraction(meter.TimeSignature(name).barDuration.quarterLength) for name in meters)
    downbeats = [
        measure.offset
        for part in score.parts
        for measure in part.getElementsByClass(stream.Measure)
        if measure.duration.quarterLength >= bar
    ]
    if len({downbeat % bar for downbeat in downbeats}) != 1:
        raise SkipFile(SkipReason.IRREGULAR_BARS)
    return _ticks(min(downbeats))


def _note_events(score: stream.Score) -> Iterator[tuple[int, int, int]]:
    """Start, duration and pitch of every sounding note."""
    for element in score.flatten().notes:
        silent = isinstance(element, harmony.Harmony | note.Unpitched)
        if silent or element.duration.isGrace or not element.duration.quarterLength:
            continue
        for pitch in element.pitches:
            yield _ticks(element.offset), _ticks(element.duration.quarterLength), pitch.midi


def _ticks(quarters: float | Fraction) -> int:
    return round(quarters * TICKS_PER_QUARTER)


def _align(notes: Notes, downbeat: int, bar: int) -> Notes:
    """Shift the notes: the first downbeat to a bar line, and the first note into the first bar."""
    if notes[:, 2].min() < LOWEST_PITCH or notes[:, 2].max() > HIGHEST_PITCH:
        raise SkipFile(SkipReason.PITCH_RANGE)
    notes[:, 0] += -downbeat % bar
    notes[:, 0] -= notes[0, 0] // bar * bar
    return notes


def duration_seconds(notes: Notes) -> float:
    """Time from the first onset to the end of the last note, at `TEMPO`."""
    ticks = int(notes[:, :2].sum(axis=1).max() - notes[0, 0])
    return ticks / TICKS_PER_QUARTER * 60 / TEMPO
