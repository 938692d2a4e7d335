"""The bars of a score of music21, as time signatures of a MIDI file.

MIDI has no bar lines: a measure that is shorter than its time signature says, such as a pickup, is
written with a time signature of its length.
"""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from music21.stream import Stream

SHORTEST_BEAT = 32


class _Measure(NamedTuple):
    """A measure on paper, in quarter notes."""

    offset: Fraction
    length: Fraction
    numerator: int
    denominator: int

    @property
    def whole(self) -> Fraction:
        """How long the time signature says that it is."""
        return Fraction(4 * self.numerator, self.denominator)

    @property
    def signature(self) -> tuple[int, int]:
        """The time signature that is as long as the measure."""
        if self.length == self.whole:
            return self.numerator, self.denominator
        denominator = max(4, self.denominator)
        while (self.length * denominator / 4).denominator > 1 and denominator < SHORTEST_BEAT:
            denominator *= 2
        return max(1, round(self.length * denominator / 4)), denominator


def write_out_repeats(score: "Stream[Any]") -> "Stream[Any]":
    """The score with its repeats written out; without them if they are malformed."""
    from music21 import bar, repeat, stream  # noqa: PLC0415 - slow, and rarely needed

    if not score[stream.Measure]:
        return score
    with suppress(repeat.ExpanderException):
        expanded = score.expandRepeats()
        if len(expanded.recurse().notes) >= len(score.recurse().notes):
            return expanded
    for measure in score[stream.Measure]:
        for side in ("leftBarline", "rightBarline"):
            if isinstance(getattr(measure, side), bar.Repeat):
                setattr(measure, side, None)
    for mark in list(score.recurse().getElementsByClass(["RepeatMark"])):
        mark.activeSite.remove(mark)
    return score


def bar_signatures(score: "Stream[Any]") -> list[tuple[Fraction, int, int]]:
    """The offset in quarter notes, the numerator and the denominator where one begins."""
    changes: list[tuple[Fraction, int, int]] = []
    for measure in _bars(list(_measures(score))):
        if not changes or changes[-1][1:] != measure.signature:
            changes.append((measure.offset, *measure.signature))
    return changes


def _measures(score: "Stream[Any]") -> Iterator[_Measure]:
    """The measures of the first part."""
    from music21 import stream  # noqa: PLC0415

    part = next(iter(score.getElementsByClass(stream.Part)), score)
    measures = list(part.getElementsByClass(stream.Measure))
    ends = [*(following.offset for following in measures[1:]), part.duration.quarterLength]
    numerator, denominator = 4, 4
    for measure, end in zip(measures, ends, strict=False):
        if measure.timeSignature is not None:
            signature = measure.timeSignature
            numerator, denominator = signature.numerator, signature.denominator
        offset, length = Fraction(measure.offset), Fraction(end) - Fraction(measure.offset)
        if length > 0:
            yield _Measure(offset, length, numerator, denominator)


def _bars(measures: list[_Measure]) -> Iterator[_Measure]:
    """The measures, of which those that a repeat divides are one again, and the last one is whole.

    A first one that is short is a pickup.
    """
    parts: list[_Measure] = []
    for index, measure in enumerate(measures):
        parts.append(measure)
        length = sum((part.length for part in parts), Fraction(0))
        is_last = index == len(measures) - 1
        if length == measure.whole or (index == 0 and not is_last):
            yield parts[0]._replace(length=length)
        elif is_last and length < measure.whole:
            yield parts[0]._replace(length=measure.whole)
        elif length > measure.whole:
            yield from parts
        else:
            continue
        parts = []
