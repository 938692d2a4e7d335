"""Finished melodies that are not stored yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ostinato.schemas.melodies import MelodyStats
from ostinato.schemas.notes import Note
from shared.db.melody_score import MelodyScore
from shared.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMelody:
    """A generated melody that is not stored yet."""

    index: int
    custom_id: str | None = None
    seed: int
    model: str
    model_sha256: str
    numerics: str
    score: MelodyScore
    """The other tracks, the bars and the tempos of its file."""
    bars: int
    num_tokens: int
    generation_seconds: float
    notes: Sequence[Note]
    """The notes in the order of the event stream."""
    midi: bytes
    partial: bool = False
    """Whether it was interrupted, so that it has its first bars only."""
    begins_stream: bool = True
    """Whether the notes that are streamed while it is generated begin with these."""

    def row(self, job_id: UUID, owner: str) -> dict[str, Any]:
        """The values of its row, with a new id."""
        return {
            "id": new_id(),
            "job_id": job_id,
            "owner": owner,
            "index": self.index,
            "custom_id": self.custom_id,
            "seed": self.seed,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "numerics": self.numerics,
            "tempo": round(self.score.tempos[0].tempo),
            "bars": self.bars,
            **MelodyStats.from_notes(self.notes).model_dump(),
            "num_tokens": self.num_tokens,
            "generation_seconds": self.generation_seconds,
            "notes": [list(note) for note in self.notes],
            "midi": self.midi,
            "partial": self.partial,
            "score": self.score.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedMelodies:
    """Melodies of one job that are inserted together."""

    job_id: UUID
    owner: str
    attempt: int
    """The fencing token under which they were generated."""
    new: Sequence[NewMelody]
    streamed: bool
    """Whether the event stream of the job also contains their notes."""
    has_events: bool = True
    """Whether each has an event; those of a batch have none."""
