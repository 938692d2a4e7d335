"""The other tracks, the bars and the tempos of a melody, as one column.

Melodies of earlier releases have none: they are one track in 4/4 with one tempo.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import Metre, Note, TempoMark
from shared.midi.bars import TimeSignature, bars_until
from shared.midi.events import MAX_TICK


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTrack:
    """One track; the generated one has no notes here."""

    name: str
    program: int
    is_drum: bool
    notes: Sequence[Sequence[int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MelodyScore:
    """The tracks, bars and tempos of a melody's file."""

    tempos: Sequence[TempoMark]
    time_signatures: Sequence[TimeSignature]
    """They give the bars."""
    track: int
    """Index of the generated track."""
    tracks: Sequence[ScoreTrack]

    @classmethod
    def of_one_track(cls, *, tempo: float, program: int, metre: Metre = Metre.FOUR_FOUR) -> Self:
        """A new file in one metre."""
        return cls(
            tempos=(TempoMark(0, tempo),),
            time_signatures=(TimeSignature(0, *metre.fraction),),
            track=0,
            tracks=(ScoreTrack(name="", program=program, is_drum=False),),
        )

    def to_json(self) -> dict[str, Any]:
        """The value of the column."""
        return {
            "tempos": [list(tempo) for tempo in self.tempos],
            "time_signatures": [list(signature) for signature in self.time_signatures],
            "track": self.track,
            "tracks": [_without_none(track) for track in self.tracks],
        }


def _without_none(track: ScoreTrack) -> dict[str, Any]:
    fields = {"name": track.name, "program": track.program, "is_drum": track.is_drum}
    return fields if track.notes is None else fields | {"notes": track.notes}


def melody_fields(
    score: Mapping[str, Any] | None,
    *,
    bars: int,
    tempo: float,
    program: int,
    notes: Sequence[Sequence[int]],
) -> dict[str, Any]:
    """The fields of `Melody` that describe the whole file; `notes` are those of its track.

    `tempo` and `program` are those of a melody of an earlier release, which has no score.
    """
    if score is None:
        score = {
            "tempos": [(0, tempo)],
            "time_signatures": [(0, *Metre.FOUR_FOUR.fraction)],
            "track": 0,
            "tracks": [{"name": "", "program": program, "is_drum": False}],
        }
    signatures = [TimeSignature(*signature) for signature in score["time_signatures"]]
    own = [Note(*note) for note in notes]
    return {
        "tempo": score["tempos"][0][1],
        "tempos": [TempoMark(*mark) for mark in score["tempos"]],
        "bar_positions": list(islice(bars_until(MAX_TICK, signatures), bars)),
        "track": score["track"],
        "tracks": [MelodyTrack.model_validate({"notes": own, **it}) for it in score["tracks"]],
        "notes": own,
    }
