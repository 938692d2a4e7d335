"""Adjusts durations to those in the MIDI file: events report the same notes.

In a MIDI file the first note-off of a pitch ends its oldest sounding note. A note that starts while
the same pitch still sounds is therefore extended at least to the end of the earlier note.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Self

from ostinato.schemas.notes import Note


class NoteOffResolver:
    """Tracks the sounding pitches of one melody, whose notes arrive in order of start."""

    def __init__(self, kept: Sequence[Note] = ()) -> None:
        """`kept`: notes of the file that stay as they are, in order of start."""
        self._kept = kept
        self._num_passed = 0
        """Number of kept notes that begin no later than the last note."""
        self._ends: dict[int, int] = {}

    def copy(self) -> Self:
        """An independent copy in the same state."""
        copied = copy(self)
        copied._ends = dict(self._ends)  # noqa: SLF001 - an instance of this class
        return copied

    def resolve(self, notes: Iterable[Note]) -> Iterator[Note]:
        """These notes with their final durations."""
        for note in notes:
            self._pass_kept(note.start)
            end = max(note.start + note.duration, self._ends.get(note.pitch, 0))
            self._ends[note.pitch] = end
            yield note._replace(duration=end - note.start)

    def _pass_kept(self, tick: int) -> None:
        while self._num_passed < len(self._kept) and self._kept[self._num_passed].start <= tick:
            note = self._kept[self._num_passed]
            self._ends[note.pitch] = note.start + note.duration
            self._num_passed += 1
