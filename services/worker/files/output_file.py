"""The interface of the files of melodies: they take notes, and are written."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from ostinato.schemas.notes import Note
from shared.db.melody_score import MelodyScore


class WrittenFile(NamedTuple):
    """A melody as it is stored."""

    notes: list[Note]
    """The notes of its track, in the order of the event stream."""
    midi: bytes
    score: MelodyScore
    bars: int
    """Number of bars of the file."""


class OutputFile(Protocol):
    """The file of the melodies of one request; it does not change while they are generated."""

    @property
    def kept(self) -> Sequence[Note]:
        """The notes of its track that it has from the beginning, in order of start."""

    @property
    def hidden_bars(self) -> int:
        """The number of bars that the model decodes but the file leaves out, at the start."""

    def place(self, notes: Iterable[Note]) -> Iterator[Note]:
        """Notes as the file has them; for the model, all bars of the primer are whole."""

    def write(self, notes: Sequence[Note], complete_bars: int) -> WrittenFile:
        """The file with the generated notes of these bars from its start.

        `notes` are those that were placed. With all bars of the melody it is whole.
        """
