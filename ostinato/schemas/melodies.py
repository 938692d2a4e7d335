"""Melodies and primers as clients see them; MIDI files have their own routes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import Seed
from ostinato.schemas.notes import Bar, Note, TempoMark
from ostinato.schemas.schema import Schema


class MelodyStats(Schema):
    """Statistics by which a client can sort thousands of melodies."""

    num_notes: int
    """Number of notes."""
    lowest_pitch: int | None = None
    """MIDI pitch; null if there are no notes."""
    highest_pitch: int | None = None
    """MIDI pitch; null if there are no notes."""

    @classmethod
    def from_notes(cls, notes: Sequence[Note]) -> Self:
        """Compute the statistics of these notes."""
        pitches = [note.pitch for note in notes]
        return cls(
            num_notes=len(notes),
            lowest_pitch=min(pitches, default=None),
            highest_pitch=max(pitches, default=None),
        )


class MelodySummary(MelodyStats):
    """A melody in a list: without its notes."""

    id: UUID
    job_id: UUID
    index: Annotated[int, Field(ge=0)]
    """Position in its job."""
    custom_id: str | None = None
    """The client's name for it, in a batch of lines."""
    seed: Seed
    """Seed that generates this melody again."""
    model: str
    """The model version that generated it."""
    model_sha256: str
    """SHA-256 of the weights that generated it."""
    numerics: str
    """Identifier of the arithmetic that generated it; the same id guarantees the same bytes."""
    bars: int
    """Number of bars; those of a primer are counted, unless `include_primer` is false."""
    partial: bool = False
    """Whether it was interrupted by a cancellation or a deadline: it has the bars that were
    complete by then, and it does not count as succeeded."""
    num_tokens: int
    """Tokens that the model sampled; those of a primer are not counted."""
    generation_seconds: float
    """Seconds from the sequence's first decode step to its last."""
    favourite: bool = False
    """Whether you marked it as a favourite."""
    created_at: datetime
    expires_at: datetime | None = None
    """When it is deleted, unless it is a favourite then; null: no time is set."""


class MelodyTrack(Schema):
    """One track of the file of a melody or a primer."""

    name: str
    """Empty if it has none."""
    program: int
    """General MIDI program of its first note, counted from 0."""
    is_drum: bool
    """Whether it plays drums."""
    notes: Annotated[list[Note], Field(fail_fast=True)]
    """The notes, ordered by start, then pitch."""


class Melody(MelodySummary):
    """A melody with its notes, and the other tracks of the file that it is in."""

    tempo: float
    """Quarter notes per minute at the start."""
    tempos: list[TempoMark]
    """All tempos in order; the first one is at 0."""
    bar_positions: list[Bar]
    """Where each bar begins, how long it is, and its time signature."""
    track: int
    """Index of the generated track in `tracks`."""
    tracks: list[MelodyTrack]
    """The tracks with notes, in the order of the file; a melody without a primer has one."""
    notes: list[Note]
    """The notes of the generated track, ordered by start, then pitch."""


class PrimerScore(Schema):
    """The music in the file of a primer: what a melody with it begins with."""

    tempos: list[TempoMark]
    """All tempos in order; the first one is at 0."""
    bar_positions: list[Bar]
    """Where each bar begins, how long it is, and its time signature."""
    track: int
    """Index of the track that most likely is the melody."""
    tracks: list[MelodyTrack]
    """The tracks with notes, in the order of the file."""
