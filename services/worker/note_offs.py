"""Adjusts durations to those in the MIDI file: events report the same notes.

In a MIDI file the first note-off of a pitch ends its oldest sounding note. A note that starts while
the same pitch still sounds is therefore extended at least to the end of the earlier note.
"""

from collections.abc import Iterable, Iterator

from ostinato.schemas.notes import Note


class NoteOffResolver:
    """Tracks the sounding pitches of one melody, whose notes arrive in order of start."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}

    def copy(self) -> "NoteOffResolver":
        """An independent copy in the same state."""
        copied = NoteOffResolver()
        copied._ends = dict(self._ends)
        return copied

    def resolve(self, notes: Iterable[Note]) -> Iterator[Note]:
        """These notes with their final durations."""
        for note in notes:
            end = max(note.start + note.duration, self._ends.get(note.pitch, 0))
            self._ends[note.pitch] = end
            yield note._replace(duration=end - note.start)
