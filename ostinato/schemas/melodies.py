"""One generated piece as clients see it; its MIDI bytes have a route of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import Seed
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Wire


class Gist(Wire):
    """A melody in a few numbers, by which thousands can be sorted."""

    num_notes: int
    lowest: int | None = None
    """MIDI pitch; null where nothing sounds."""
    highest: int | None = None

    @classmethod
    def of(cls, notes: Sequence[Note]) -> Self:
        """Count."""
        pitches = [note.pitch for note in notes]
        return cls(
            num_notes=len(notes),
            lowest=min(pitches, default=None),
            highest=max(pitches, default=None),
        )


class MelodySummary(Gist):
    """What a list shows of a melody."""

    id: UUID
    job_id: UUID
    index: Annotated[int, Field(ge=0)]
    """Place in its job."""
    seed: Seed
    model: str
    model_sha256: str
    """SHA-256 of the weights that made it."""
    numerics: str
    """The arithmetic that made it; equal bytes are promised under an equal id."""
    bars: int
    num_tokens: int
    """Drawn by the model; those of a primer are not counted."""
    seconds: float
    """From the sequence's first step to its last."""
    favourite: bool = False
    """You are fond of it."""
    created_at: datetime


class Melody(MelodySummary):
    """A melody with its notes."""

    tempo: int
    notes: list[Note]
    """In order of start, then pitch."""
