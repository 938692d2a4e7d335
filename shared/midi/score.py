"""What a MIDI file contains: tracks with notes, bars, and tempos.

Times are in our ticks; those of a file with another resolution are rounded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_QUARTER


class Tempo(NamedTuple):
    """A tempo, from a time on."""

    tick: int
    microseconds_per_quarter: int


class TimeSignature(NamedTuple):
    """A time signature, from a time on."""

    tick: int
    numerator: int
    denominator: int

    @property
    def bar_length(self) -> int:
        """Ticks of a whole bar."""
        return 4 * TICKS_PER_QUARTER * self.numerator // self.denominator


class Bar(NamedTuple):
    """One bar; the next one begins where it ends."""

    start: int
    length: int
    """Ticks; fewer than the time signature says if the next one begins before."""
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The notes of one channel in one track of a file."""

    chunk: int
    """The index of the track in the file."""
    channel: int
    """Counted from 0."""
    name: str
    program: int
    """The General MIDI program of its first note."""
    is_drum: bool
    notes: NDArray[np.int64]
    """[n, 4]: start, duration, pitch and velocity, ordered by start, then pitch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The contents of a file."""

    tracks: tuple[Track, ...]
    """The tracks that have notes, in the order of the file."""
    tempos: tuple[Tempo, ...]
    """In order of time; the first one is at 0."""
    bars: tuple[Bar, ...]
    """All bars; the first one begins at 0."""

    @property
    def has_pickup(self) -> bool:
        """Whether the first bar is shorter than the second one."""
        return len(self.bars) > 1 and self.bars[0].length < self.bars[1].length

    @property
    def pitched_notes(self) -> NDArray[np.int64]:
        """[n, 4]: the notes of all tracks but drums, ordered by start, then pitch."""
        notes = [track.notes for track in self.tracks if not track.is_drum]
        merged = np.concatenate([np.zeros((0, 4), dtype=np.int64), *notes])
        return merged[np.lexsort((merged[:, 3], merged[:, 1], merged[:, 2], merged[:, 0]))]


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
