"""What a MIDI file contains: tracks with notes, bars, and tempos.

Times are in our ticks; those of a file with another resolution are rounded.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_QUARTER, Bar, TempoMark
from shared.midi.bars import metre_name
from shared.midi.writer import MICROSECONDS_PER_MINUTE

MELODY_NAMES = frozenset(
    ("melody", "melodie", "melodia", "lead", "vocal", "vocals", "voice", "vox", "sing", "solo")
)
LAST_START = TICKS_PER_QUARTER // 8
DECIMALS = 3
"""Of a tempo in quarter notes per minute; a file has microseconds per quarter note."""
MIN_MELODY_SHARE = 0.25
"""The melody has at least this share of the notes of the track with the most notes."""


class Tempo(NamedTuple):
    """A tempo, from a time on."""

    tick: int
    microseconds_per_quarter: int


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

    @property
    def has_melody_name(self) -> bool:
        """Whether its name says that it is the melody."""
        return any(word in MELODY_NAMES for word in re.findall("[a-z]+", self.name.lower()))


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
    def tempo_marks(self) -> list[TempoMark]:
        """The tempos in quarter notes per minute."""
        return [
            TempoMark(tick, round(MICROSECONDS_PER_MINUTE / microseconds, DECIMALS))
            for tick, microseconds in self.tempos
        ]

    @property
    def has_pickup(self) -> bool:
        """Whether the first bar is shorter than the second one."""
        return len(self.bars) > 1 and self.bars[0].length < self.bars[1].length

    @property
    def metres(self) -> list[str]:
        """The time signature of each bar, as models count it; a pickup has that of the next bar."""
        names = [metre_name(bar.numerator, bar.denominator) for bar in self.bars]
        return [names[1], *names[1:]] if self.has_pickup else names

    @property
    def pickup_rest(self) -> int:
        """Ticks of rest that complete a short first bar."""
        return self.bars[1].length - self.bars[0].length if self.has_pickup else 0

    @property
    def end(self) -> int:
        """Where the last bar ends."""
        return self.bars[-1].start + self.bars[-1].length

    def melody_notes(self, track: int) -> NDArray[np.int64]:
        """[n, 4]: the notes of a track as models read them.

        A short first bar begins with a rest. No note begins in the last thirty-second, which is
        nearer to the bar after, or ends after the last bar.
        """
        notes = self.tracks[track].notes.copy()
        notes[:, 0] = np.minimum(notes[:, 0], self.end - LAST_START)
        notes[:, 1] = np.clip(notes[:, 1], 1, self.end - notes[:, 0])
        notes[:, 0] += self.pickup_rest
        return notes

    @property
    def melodic_track(self) -> int | None:
        """The index of the track that most likely is the melody; None if there are drums only.

        It is the one that is named so; else the highest one on average among those with many notes
        (the skyline heuristic, Uitdenbogerd and Zobel 1999).
        """
        pitched = [index for index, track in enumerate(self.tracks) if not track.is_drum]
        if not pitched:
            return None
        most = max(len(self.tracks[index].notes) for index in pitched)
        candidates = [
            index for index in pitched if len(self.tracks[index].notes) >= MIN_MELODY_SHARE * most
        ]
        return max(
            candidates,
            key=lambda index: (
                self.tracks[index].has_melody_name,
                float(self.tracks[index].notes[:, 2].mean()),
                -index,
            ),
        )

    @property
    def pitched_notes(self) -> NDArray[np.int64]:
        """[n, 4]: the notes of all tracks but drums, ordered by start, then pitch."""
        notes = [track.notes for track in self.tracks if not track.is_drum]
        merged = np.concatenate([np.zeros((0, 4), dtype=np.int64), *notes])
        return merged[np.lexsort((merged[:, 3], merged[:, 1], merged[:, 2], merged[:, 0]))]
