"""A data set: a zip of MIDI files that somebody handed in, to train on, and what is in it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.jobs import Failure
from ostinato.schemas.schema import Wire

DatasetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class DatasetState(StrEnum):
    """How far its reading is."""

    READING = "reading"
    """Its files wait to be read, or are being read."""
    READY = "ready"
    """It can be trained on; `report` says what is in it."""
    REFUSED = "refused"
    """It cannot be trained on; `error` says why, and what would help."""


class DatasetReport(Wire):
    """What became of every file that was found; the counts add up."""

    found: int
    left_out: dict[str, int]
    """Files that are not used, by reason."""
    kept: int
    families: int
    """Groups of variants of the same music; a group is never on both sides."""
    train: int
    held_out: int
    test: int
    notes: int
    hours: float


class ReadingRequest(Wire):
    """What is asked of the reader: the data set that has the job's id."""

    name: DatasetName
    sha256: str


class Dataset(Wire):
    """What was handed in, and what was found in it."""

    id: UUID
    """Also the id of the job that reads it: `/v1/jobs/{id}/events` tells when it is read."""
    name: DatasetName
    sha256: str
    """Of the zip."""
    size: int
    """Bytes of the zip."""
    files: int
    """MIDI files in it, by their names."""
    created_at: datetime
    state: DatasetState = DatasetState.READING
    report: DatasetReport | None = None
    error: Failure | None = None
