"""One generated piece as clients see it; its MIDI bytes have a route of their own."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.schemas.generations import Seed
from shared.schemas.notes import Note
from shared.schemas.wire import Wire


class MelodySummary(Wire):
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
    num_notes: int
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
