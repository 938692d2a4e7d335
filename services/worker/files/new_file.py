"""A file of one track, in one metre."""

from collections.abc import Iterable, Iterator, Sequence

from ostinato.schemas.notes import Metre, Note
from services.worker.files.output_file import WrittenFile
from shared.db.melody_score import MelodyScore
from shared.midi.writer import write_midi


class NewFile:
    """A melody without a primer, or the new bars of one alone; implements `OutputFile`."""

    kept: Sequence[Note] = ()

    def __init__(
        self, *, tempo: float, program: int, metre: Metre, hidden: Sequence[Metre] = ()
    ) -> None:
        """`hidden`: the metres of the bars of the primer, which the file does not have."""
        self._tempo = tempo
        self._program = program
        self._metre = metre
        self._start = sum(each.bar_length for each in hidden)
        self.hidden_bars = len(hidden)

    def place(self, notes: Iterable[Note]) -> Iterator[Note]:
        """These notes, without the time of the hidden bars."""
        return (note._replace(start=note.start - self._start) for note in notes)

    def write(self, notes: Sequence[Note], complete_bars: int) -> WrittenFile:
        """A file of these bars; a note that outlasts them is shortened."""
        shown = shorten(notes, complete_bars * self._metre.bar_length)
        midi = write_midi(
            sorted(shown, key=lambda note: (note.start, note.pitch)),
            tempo=self._tempo,
            instrument=self._program,
            bars=complete_bars,
            metre=self._metre,
        )
        score = MelodyScore.of_one_track(
            tempo=self._tempo, program=self._program, metre=self._metre
        )
        return WrittenFile(shown, midi, score, complete_bars)


def shorten(notes: Iterable[Note], end: int) -> list[Note]:
    """The notes that begin before a time; none ends after it."""
    return [
        note._replace(duration=min(note.duration, end - note.start))
        for note in notes
        if note.start < end
    ]
