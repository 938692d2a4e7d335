"""A file of one track, in 4/4."""

from collections.abc import Iterable, Iterator, Sequence

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.files.output_file import WrittenFile
from shared.db.melody_score import MelodyScore
from shared.midi.writer import write_midi


class NewFile:
    """A melody without a primer, or the new bars of one alone; implements `OutputFile`."""

    kept: Sequence[Note] = ()

    def __init__(self, *, tempo: float, program: int, hidden_bars: int = 0) -> None:
        """`hidden_bars`: bars of the primer, which the file does not have."""
        self._tempo = tempo
        self._program = program
        self.hidden_bars = hidden_bars

    def place(self, notes: Iterable[Note]) -> Iterator[Note]:
        """These notes, without the time of the hidden bars."""
        hidden = self.hidden_bars * TICKS_PER_BAR
        return (note._replace(start=note.start - hidden) for note in notes)

    def write(self, notes: Sequence[Note], complete_bars: int) -> WrittenFile:
        """A file of these bars; a note that outlasts them is shortened."""
        end = complete_bars * TICKS_PER_BAR
        shown = shorten(notes, end)
        in_order = sorted(shown, key=lambda note: (note.start, note.pitch))
        midi = write_midi(in_order, tempo=self._tempo, instrument=self._program, bars=complete_bars)
        score = MelodyScore.of_one_track(tempo=self._tempo, program=self._program)
        return WrittenFile(shown, midi, score, complete_bars)


def shorten(notes: Iterable[Note], end: int) -> list[Note]:
    """The notes that begin before a time; none ends after it."""
    return [
        note._replace(duration=min(note.duration, end - note.start))
        for note in notes
        if note.start < end
    ]
