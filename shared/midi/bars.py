"""The bars of a file, by its time signatures."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ostinato.schemas.notes import RELEASE_TOLERANCE, Bar, Metre, bar_length


def metre_name(numerator: int, denominator: int) -> str:
    """The metre in which models count a bar: its time signature, or 4/4 if it is as long."""
    name = f"{numerator}/{denominator}"
    is_common = bar_length(numerator, denominator) == Metre.FOUR_FOUR.bar_length
    return Metre.FOUR_FOUR if is_common else name


class TimeSignature(NamedTuple):
    """A time signature, from a time on."""

    tick: int
    numerator: int
    denominator: int

    @property
    def bar_length(self) -> int:
        """Ticks of a whole bar."""
        return bar_length(self.numerator, self.denominator)


def bars_until(end: int, signatures: Sequence[TimeSignature]) -> Iterator[Bar]:
    """The bars from 0 that begin before `end`.

    A change of the time signature begins a bar, and shortens the one before if it is not at its
    end. `signatures` are in order of time; before the first one it is 4/4.
    """
    changes = [TimeSignature(0, 4, 4)]
    for signature in signatures:
        if signature[1:] != changes[-1][1:]:
            if signature.tick == changes[-1].tick:
                changes.pop()
            changes.append(signature)
    last = TimeSignature(max(end, changes[-1].tick), *changes[-1][1:])
    for signature, following in pairwise((*changes, last)):
        start, length = signature.tick, signature.bar_length
        while start < min(following.tick, end):
            cut = following.tick - start if following is not last else length
            yield Bar(start, min(length, cut), *signature[1:])
            start += length


def on_bar_lines(signatures: Sequence[TimeSignature]) -> list[TimeSignature]:
    """Time signatures in order, of which those that are only just beside a bar line are on it."""
    moved: list[TimeSignature] = []
    last = TimeSignature(0, 4, 4)
    for signature in signatures:
        late = (signature.tick - last.tick) % last.bar_length
        early = last.bar_length - late
        if late < RELEASE_TOLERANCE:
            moved.append(signature._replace(tick=signature.tick - late))
        elif early < RELEASE_TOLERANCE:
            moved.append(signature._replace(tick=signature.tick + early))
        else:
            moved.append(signature)
        if signature[1:] != last[1:]:
            last = moved[-1]
    return moved


def time_signatures(bars: Sequence[Bar]) -> list[TimeSignature]:
    """The first time signature of these bars and its changes; `bars_until` gives the bars again."""
    changes: list[TimeSignature] = []
    for start, _, numerator, denominator in bars:
        if not changes or changes[-1][1:] != (numerator, denominator):
            changes.append(TimeSignature(start, numerator, denominator))
    return changes
