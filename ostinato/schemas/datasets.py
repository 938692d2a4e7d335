"""An uploaded data set: a zip of music to train on, and its import report."""

from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from uuid import UUID

from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.jobs import JobError
from ostinato.schemas.names import DatasetName
from ostinato.schemas.schema import Schema


class DatasetState(StrEnum):
    """The state of a data set's import."""

    PROCESSING = "processing"
    """Its import job is queued or running."""
    READY = "ready"
    """It can be trained on; `report` has the counts."""
    REJECTED = "rejected"
    """It cannot be trained on; `error` gives the reason and the remedy."""
    CANCELLED = "cancelled"
    """Its import was cancelled; `error` says so."""
    EXPIRED = "expired"
    """Its import had not ended at its deadline; `error` says so."""


MUSIC_SUFFIXES = (".mid", ".midi", ".kar", ".rmi", ".musicxml", ".mxl", ".abc")
"""Endings of the names of MIDI files, karaoke files, MIDI files in RIFF, and scores."""
LISTED_SUFFIXES = ", ".join(MUSIC_SUFFIXES[:-1]) + f" or {MUSIC_SUFFIXES[-1]}"
MAX_LISTED_FILES = 1000


def has_music_suffix(path: PurePath) -> bool:
    """Whether a file is music, by its name."""
    return path.suffix.lower() in MUSIC_SUFFIXES


class SkippedFile(Schema):
    """A file that is not used."""

    name: str
    """Its path in the zip."""
    reason: str
    """The reason by which `skipped` counts it."""
    detail: str = ""
    """What is wrong in the file; empty if the reason says it."""


class DatasetReport(Schema):
    """How the files of a data set were used; the counts add up."""

    found: int
    """Number of files with music in the zip."""
    skipped: dict[str, int]
    """Files with music that are not used, by reason."""
    skipped_files: tuple[SkippedFile, ...] = ()
    """The files that are not used, at most 1,000; those without an ending of music files are last,
    and are not counted."""
    used: int
    """Number of files that are used: those of the three sides together."""
    duplicate_groups: int
    """Groups of near-duplicates; a group is never split between two sides."""
    train: int
    """Number of used files on the training side."""
    held_out: int
    """Number of used files on the held-out side."""
    test: int
    """Number of used files that are never scored; only published splits have a test side."""
    num_notes: int
    """Notes of the used files."""
    hours: float
    """Playing time of the used files, in hours."""


class DatasetImportRequest(Schema):
    """The request of an import job; the job's id is the data set's id."""

    name: DatasetName
    sha256: str
    deadline_seconds: DeadlineSeconds | None = None
    """Seconds from acceptance until it expires, unless it has ended. If omitted: none."""


class Dataset(Schema):
    """An uploaded data set and the outcome of its import."""

    id: UUID
    """Also the id of the import job: `/v1/jobs/{id}/events` streams its progress."""
    name: DatasetName
    sha256: str
    """SHA-256 of the zip."""
    num_bytes: int
    """Size of the zip, in bytes."""
    num_files: int
    """Files with music in the zip, counted by their names."""
    created_at: datetime
    state: DatasetState = DatasetState.PROCESSING
    report: DatasetReport | None = None
    """How its files were used; null until the state is ready."""
    error: JobError | None = None
    """Why the data set was rejected, cancelled or expired; null in any other state."""

    @property
    def is_terminal(self) -> bool:
        """Whether the import has ended."""
        return self.state is not DatasetState.PROCESSING
