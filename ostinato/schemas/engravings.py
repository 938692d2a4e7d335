"""An engraving: notes typeset as sheet music, delivered as a MusicXML document."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Schema


class EngravingRequest(Schema):
    """The notes to engrave; `GET /v1/melodies/{id}` returns those of a melody."""

    notes: Annotated[list[Note], Field(min_length=1, max_length=10_000, fail_fast=True)]
    title: Annotated[str, Field(max_length=200)] = ""
    """Printed above the music."""
    tempo: Annotated[int, Field(ge=20, le=300)] = 120
    """Quarter notes per minute."""
    instrument: Annotated[int, Field(ge=0, le=127)] = 0
    """General MIDI program; keyboard instruments get two staves."""


class Engraving(Schema):
    """One engraving; `GET /v1/engravings/{id}.musicxml` returns the document."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` reports its end."""
    state: JobState
    error: JobError | None = None
    """Why it failed; null in any other state."""
    created_at: datetime
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final."""
        return self.state.is_terminal
