"""One score, read by music21, as notes on a grid of bars of four quarters.

The only module that knows music21's objects. Refuses to know which scores there are, and to guess:
a score that cannot be put on the grid raises `Unusable` with the reason.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from music21 import harmony, meter, note, stream

from ostinato.schemas.notes import TICKS_PER_BAR, TICKS_PER_QUARTER
from services.trainer.data.parsed_file import FEWEST_NOTES, Reason, Unusable
from services.trainer.data.piece import Notes
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH

BINARY_METRES = frozenset({"4/4", "2/2", "2/4"})
"""Metres whose bars, alone or in pairs, last four quarters."""
TEMPO = 120
"""Quarter notes a minute: scores tell no seconds, so they are taken at this tempo."""
VELOCITY = 80
"""Scores say next to nothing about loudness, so every note gets the same."""


def read_notes(score: stream.Score) -> Notes:
    """All parts merged into one stream of sounding notes whose downbeats are bar lines.

    Ties are joined, repeats are played once, grace notes and chord symbols are left out; a pitch
    that two parts strike together counts once, with the longer duration. Raises `Unusable`.
    """
    downbeat = _first_downbeat(score)
    sounding = score.toSoundingPitch().stripTies()
    longest: dict[tuple[int, int], int] = {}
    for start, duration, pitch in _events(sounding):
        longest[start, pitch] = max(duration, longest.get((start, pitch), 0))
    if len(longest) < FEWEST_NOTES:
        raise Unusable(Reason.SHORT)
    rows = [(start, length, pitch, VELOCITY) for (start, pitch), length in sorted(longest.items())]
    return _on_grid(np.array(rows, dtype=np.int64), downbeat)


def _first_downbeat(score: stream.Score) -> int:
    """Ticks to the first full bar; every other full bar must agree with it."""
    metres = {sign.ratioString for sign in score.recurse().getElementsByClass(meter.TimeSignature)}
    if not metres or not metres <= BINARY_METRES:
        raise Unusable(Reason.METRE)
    bar = min(Fraction(meter.TimeSignature(metre).barDuration.quarterLength) for metre in metres)
    downbeats = [
        measure.offset
        for part in score.parts
        for measure in part.getElementsByClass(stream.Measure)
        if measure.duration.quarterLength >= bar
    ]
    if len({downbeat % bar for downbeat in downbeats}) != 1:
        raise Unusable(Reason.BARS)
    return _ticks(min(downbeats))


def _events(score: stream.Score) -> Iterator[tuple[int, int, int]]:
    """Start, duration and pitch of everything that sounds."""
    for element in score.flatten().notes:
        silent = isinstance(element, harmony.Harmony | note.Unpitched)
        if silent or element.duration.isGrace or not element.duration.quarterLength:
            continue
        for pitch in element.pitches:
            yield _ticks(element.offset), _ticks(element.duration.quarterLength), pitch.midi


def _ticks(quarters: float | Fraction) -> int:
    return round(quarters * TICKS_PER_QUARTER)


def _on_grid(notes: Notes, downbeat: int) -> Notes:
    """Shifted so that the first downbeat is a bar line and the first note is in the first bar."""
    if notes[:, 2].min() < LOWEST_PITCH or notes[:, 2].max() > HIGHEST_PITCH:
        raise Unusable(Reason.RANGE)
    notes[:, 0] += -downbeat % TICKS_PER_BAR
    notes[:, 0] -= notes[0, 0] // TICKS_PER_BAR * TICKS_PER_BAR
    return notes


def seconds_of(notes: Notes) -> float:
    """From the first note of a score to the end of its last, at `TEMPO`."""
    ticks = int(notes[:, :2].sum(axis=1).max() - notes[0, 0])
    return ticks / TICKS_PER_QUARTER * 60 / TEMPO
