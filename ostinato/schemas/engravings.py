"""An engraving: notes typeset as sheet music, delivered as a MusicXML document."""

import unicodedata
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from ostinato.schemas.schema import Schema

MAX_BARS = 512
"""The longest melody: 256 bars of a primer and as many generated ones."""
NONCHARACTER = 0xFFFE
"""The low bits of code points such as U+FFFE and U+FFFF, which are no characters."""
MAX_NOTES = 5_000
"""Limit on the notes on paper: a note is written again, with a tie, in each bar that it reaches."""


def _printable(text: str) -> str:
    """The text without control characters and what else XML 1.0 cannot contain (section 2.2)."""
    return "".join(
        character
        for character in text
        if unicodedata.category(character) not in {"Cc", "Cs"}
        and ord(character) & NONCHARACTER != NONCHARACTER
    )


class EngravingRequest(Schema):
    """The notes to engrave; `GET /v1/melodies/{id}` returns those of a melody."""

    notes: Annotated[list[Note], Field(min_length=1, max_length=MAX_NOTES, fail_fast=True)]
    """They end within 512 bars of four quarters. A note counts once for each bar in which it
    sounds; together they count at most 5,000."""
    title: Annotated[str, Field(max_length=200), AfterValidator(_printable)] = ""
    """Printed above the music, without control characters."""
    tempo: Annotated[int, Field(ge=20, le=300)] = 120
    """Quarter notes per minute."""
    instrument: Annotated[int, Field(ge=0, le=127)] = 0
    """General MIDI program; keyboard instruments get two staves."""
    deadline_seconds: DeadlineSeconds | None = None
    """Seconds from acceptance until it expires, unless it has ended. If omitted: none."""

    @field_validator("notes")
    @classmethod
    def _are_of_bounded_length(cls, notes: list[Note]) -> list[Note]:
        index, last = max(enumerate(notes), key=lambda pair: _end(pair[1]))
        bars = -(-_end(last) // TICKS_PER_BAR)
        if bars > MAX_BARS:
            raise ValueError(
                f"note {index} ends in bar {bars:,}, and an engraving has at most {MAX_BARS} "
                "bars of four quarters; engrave it in parts"
            )
        written = sum(map(_written_notes, notes))
        if written > MAX_NOTES:
            raise ValueError(
                f"counted once for each bar in which they sound, these are {written:,} "
                f"notes, and an engraving has at most {MAX_NOTES:,}; shorten long notes, "
                "or engrave them in parts"
            )
        return notes


def _end(note: Note) -> int:
    return note.start + note.duration


def _written_notes(note: Note) -> int:
    """The number of bars in which the note sounds."""
    return (_end(note) - 1) // TICKS_PER_BAR - note.start // TICKS_PER_BAR + 1


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
