"""A primer's file, of which one track is continued or some bars are regenerated."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import Metre, Note, TempoMark
from services.worker.files.new_file import NewFile, shorten
from services.worker.files.output_file import OutputFile, WrittenFile
from shared.db.melody_score import MelodyScore, ScoreTrack
from shared.db.primers import StoredPrimer
from shared.midi.bars import TimeSignature, time_signatures
from shared.midi.container import Container, read_container
from shared.midi.reader import read_tracks
from shared.midi.score import Score, Tempo, Track
from shared.midi.track_change import (
    Interval,
    TrackChange,
    change_track,
    kept_notes,
    on_file_ticks,
    set_tempo,
)
from shared.midi.writer import microseconds_per_quarter

CACHED_PRIMERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimerFile:
    """A primer, with the track that is continued or changed."""

    container: Container
    score: Score
    index: int
    """Index of the track."""

    @property
    def track(self) -> Track:
        """The track."""
        return self.score.tracks[self.index]

    @property
    def model_notes(self) -> NDArray[np.int64]:
        """[n, 4]: the notes of the track as the model reads them."""
        return self.score.melody_notes(self.index)

    @property
    def num_bars(self) -> int:
        """The number of bars."""
        return len(self.score.bars)

    @property
    def metres(self) -> list[Metre]:
        """The metre of each bar.

        Raises:
            ValueError: no model knows one of them.
        """
        return [Metre(name) for name in self.score.metres]

    @property
    def tempos(self) -> tuple[TempoMark, ...]:
        """The tempos."""
        return tuple(self.score.tempo_marks)


def read_primer(primer: StoredPrimer, request: GenerationRequest) -> PrimerFile:
    """The file of a primer, with the tempo and the track that the request asks for.

    Raises:
        ValueError: it has no such track, or drums only.
    """
    container, score = _read(primer)
    if request.tempo is not None:
        container = set_tempo(container, request.tempo)
        microseconds = microseconds_per_quarter(request.tempo)
        score = replace(score, tempos=(Tempo(0, microseconds),))
    index = primer.track if request.track is None else request.track
    if index is None:
        index = score.melodic_track
    if index is None or index >= len(score.tracks) or score.tracks[index].is_drum:
        raise ValueError(f"it has no track {index} of a pitched instrument")
    return PrimerFile(container=container, score=score, index=index)


@lru_cache(maxsize=CACHED_PRIMERS)
def _read(primer: StoredPrimer) -> tuple[Container, Score]:
    container = read_container(primer.file)
    return container, read_tracks(container)


def continued_file(primer: PrimerFile, metre: Metre, *, include_primer: bool) -> OutputFile:
    """The file of melodies that continue a primer in this metre."""
    if include_primer:
        return EditedFile(primer, metre=metre)
    return NewFile(
        tempo=primer.tempos[-1].tempo,
        program=primer.track.program,
        metre=metre,
        hidden=primer.metres,
    )


class EditedFile:
    """A primer's file with new notes in one track; implements `OutputFile`."""

    hidden_bars = 0

    def __init__(
        self,
        primer: PrimerFile,
        regenerated: Sequence[int] = (),
        metre: Metre = Metre.FOUR_FOUR,
    ) -> None:
        """`regenerated`: the bars to generate again; without any, it is continued in `metre`."""
        self._primer = primer
        self._metre = metre
        self._regenerated = regenerated
        self.kept = kept_notes(primer.track.notes, self._intervals(regenerated))
        self._tracks = [
            ScoreTrack(
                name=track.name,
                program=track.program,
                is_drum=track.is_drum,
                notes=None if track is primer.track else track.notes.tolist(),
            )
            for track in primer.score.tracks
        ]

    def place(self, notes: Iterable[Note]) -> Iterator[Note]:
        """Notes at the times of the file, which may begin with a short bar."""
        rest, division = self._primer.score.pickup_rest, self._primer.container.division
        for note in notes:
            start, end = max(note.start - rest, 0), note.start + note.duration - rest
            if end > start:  # the others are before the beginning of the file
                moved = note._replace(start=start, duration=end - start)
                yield on_file_ticks(moved, division)

    def write(self, notes: Sequence[Note], complete_bars: int) -> WrittenFile:
        """The file with the notes of these bars; later regenerated bars stay as they were."""
        if self._regenerated:
            return self._write_regenerated(notes, complete_bars)
        new_bars = complete_bars - self._primer.num_bars
        begin = self._primer.score.end
        end = begin + new_bars * self._metre.bar_length
        signature = None
        if new_bars and self._metre != self._primer.metres[-1]:
            signature = TimeSignature(begin, *self._metre.fraction)
        change = TrackChange(
            added=shorten(notes, end), new_bars=(begin, end), time_signature=signature
        )
        return self._write(change, self.kept, complete_bars)

    def _write_regenerated(self, notes: Sequence[Note], complete_bars: int) -> WrittenFile:
        complete = [bar for bar in self._regenerated if bar < complete_bars]
        removed = self._intervals(complete)
        added = [note for note in notes if any(a <= note.start < b for a, b in removed)]
        kept = kept_notes(self._primer.track.notes, removed)
        change = TrackChange(removed=removed, added=added)
        return self._write(change, kept, self._primer.num_bars)

    def _write(self, change: TrackChange, kept: Sequence[Note], bars: int) -> WrittenFile:
        primer = self._primer
        signatures = time_signatures(primer.score.bars)
        if change.time_signature is not None:
            signatures.append(change.time_signature)
        container = change_track(primer.container, primer.track, change)
        score = MelodyScore(
            tempos=primer.tempos,
            time_signatures=signatures,
            track=primer.index,
            tracks=self._tracks,
        )
        return WrittenFile([*kept, *change.added], container.to_bytes(), score, bars)

    def _intervals(self, bars: Iterable[int]) -> list[Interval]:
        positions = self._primer.score.bars
        return [
            (positions[bar].start, positions[bar].start + positions[bar].length) for bar in bars
        ]
