"""A job as clients see it, and the states that it may pass through."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.schema import Wire


class Kind(StrEnum):
    """What a job makes."""

    GENERATION = "generation"
    """Melodies; the only kind that `GET /v1/jobs` shows."""
    TRAINING = "training"
    """A model version; `GET /v1/trainings` shows it."""
    READING = "reading"
    """The report of a data set; the job has the data set's id, and its route shows the outcome."""
    EVALUATION = "evaluation"
    """The judgement of a version by its own pieces; `GET /v1/evaluations` shows it."""
    ENGRAVING = "engraving"
    """Sheet music; `GET /v1/engravings` shows it."""


class JobState(StrEnum):
    """The life of a job; the database refuses every move that `LEGAL_MOVES` does not list."""

    QUEUED = "queued"
    """Accepted; no worker has begun."""
    RUNNING = "running"
    """A worker has claimed at least one shard."""
    PAUSED = "paused"
    """Waits until it is told to go on; whoever works on it lets go and keeps what there is."""
    CANCELLING = "cancelling"
    """Asked to stop; workers drop its sequences at their next step."""
    SUCCEEDED = "succeeded"
    """Every melody is there."""
    PARTIAL = "partial"
    """Some melodies are there, the others failed for good."""
    FAILED = "failed"
    """No melody could be made; `error` says why."""
    CANCELLED = "cancelled"
    """Stopped on request; what was finished stays."""

    @property
    def is_terminal(self) -> bool:
        """A terminal job never moves again; a retry is a new job."""
        return self not in LEGAL_MOVES


LEGAL_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.PAUSED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {
            JobState.PAUSED,
            JobState.CANCELLING,
            JobState.SUCCEEDED,
            JobState.PARTIAL,
            JobState.FAILED,
        }
    ),
    JobState.PAUSED: frozenset(
        {
            JobState.QUEUED,
            JobState.RUNNING,
            JobState.CANCELLING,
            JobState.SUCCEEDED,
            JobState.FAILED,
        }
    ),
    JobState.CANCELLING: frozenset({JobState.CANCELLED}),
}


class ShardState(StrEnum):
    """The life of a shard: the part of a job that one worker claims."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Failure(Wire):
    """Why there is not what was asked for."""

    code: str
    detail: str


class Job(Wire):
    """One request and how far it is."""

    id: UUID
    state: JobState
    priority: Priority
    request: GenerationRequest
    """As accepted, with the seed filled in."""
    succeeded: Annotated[int, Field(ge=0)] = 0
    """Melodies that are there."""
    failed: Annotated[int, Field(ge=0)] = 0
    """Melodies that will not come."""
    cancelled: Annotated[int, Field(ge=0)] = 0
    """Melodies that were given up on request."""
    queue_position: Annotated[int, Field(ge=0)] | None = None
    """Shards ahead of this job in its class; only while queued."""
    error: Failure | None = None
    retry_of: UUID | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Nothing more will happen to this job."""
        return self.state.is_terminal
