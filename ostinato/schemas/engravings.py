"""An engraving: notes set as sheet music, a MusicXML document that any notation program opens."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.jobs import Failure, JobState
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Wire


class EngravingRequest(Wire):
    """To set these notes; `GET /v1/melodies/{id}` has those of a melody."""

    notes: Annotated[list[Note], Field(min_length=1, max_length=10_000)]
    title: Annotated[str, Field(max_length=200)] = ""
    tempo: Annotated[int, Field(ge=20, le=300)] = 120
    """Quarters a minute."""
    instrument: Annotated[int, Field(ge=0, le=127)] = 0
    """General MIDI program; a keyboard is given two staves."""


class Engraving(Wire):
    """One engraving: `GET /v1/engravings/{id}.musicxml` gives what came of it."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` tells when it has ended."""
    state: JobState
    error: Failure | None = None
    created_at: datetime
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Nothing more will happen to this engraving."""
        return self.state.is_terminal
