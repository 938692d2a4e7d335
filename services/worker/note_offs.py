"""When each key is released, so that a MIDI file says of its notes what the event stream said.

In a file the first release of a key belongs to its first stroke. So a key that is struck again
while it still sounds is held at least as long as it would have been. Refuses to know tokens.
"""

from collections.abc import Iterable, Iterator

from ostinato.schemas.notes import Note


class Releases:
    """The keys of one piece, whose notes come in order of start, however they are cut up."""

    def __init__(self) -> None:
        self._held_until: dict[int, int] = {}

    def fork(self) -> "Releases":
        """The same keys, held as long, for a piece of its own."""
        forked = Releases()
        forked._held_until = dict(self._held_until)
        return forked

    def settle(self, notes: Iterable[Note]) -> Iterator[Note]:
        """These notes, each as long as it is going to be."""
        for note in notes:
            end = max(note.start + note.duration, self._held_until.get(note.pitch, 0))
            self._held_until[note.pitch] = end
            yield note._replace(duration=end - note.start)
