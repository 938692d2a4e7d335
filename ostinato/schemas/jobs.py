"""A job as clients see it, and the states that it passes through."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.schema import Schema


class JobKind(StrEnum):
    """What a job produces."""

    GENERATION = "generation"
    """Melodies; the only kind that `GET /v1/jobs` lists."""
    BATCH = "batch"
    """Melodies, each with parameters of its own; `GET /v1/batches` lists them."""
    TRAINING = "training"
    """A model version; `GET /v1/trainings` lists them."""
    DATASET_IMPORT = "dataset_import"
    """The report of an uploaded data set, whose id the job has; `GET /v1/datasets` lists them."""
    EVALUATION = "evaluation"
    """The evaluation of a version's melodies; `GET /v1/evaluations` lists them."""
    ENGRAVING = "engraving"
    """Sheet music; `GET /v1/engravings/{id}` shows it."""


class JobState(StrEnum):
    """The state of a job; the database rejects every transition that `TRANSITIONS` lacks."""

    QUEUED = "queued"
    """Accepted; no worker has started it."""
    RUNNING = "running"
    """A worker has claimed at least one shard."""
    PAUSED = "paused"
    """A paused training: the trainer saves its state and releases the job until it is resumed."""
    CANCELLING = "cancelling"
    """It was cancelled, or its deadline passed; workers drop its sequences at their next step."""
    SUCCEEDED = "succeeded"
    """Every melody, or the one result of another kind of job, was produced."""
    PARTIAL = "partial"
    """Some melodies are finished, the others failed permanently."""
    FAILED = "failed"
    """Nothing could be produced; `error` gives the reason."""
    CANCELLED = "cancelled"
    """Stopped on request; finished melodies are kept."""
    EXPIRED = "expired"
    """Stopped at its deadline; finished melodies are kept."""

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final; a retry is a new job."""
        return self not in TRANSITIONS


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset(
        {
            JobState.RUNNING,
            JobState.PAUSED,
            JobState.CANCELLING,
            JobState.CANCELLED,
            JobState.EXPIRED,
        }
    ),
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
            JobState.PARTIAL,
            JobState.FAILED,
        }
    ),
    JobState.CANCELLING: frozenset({JobState.CANCELLED, JobState.EXPIRED}),
}


class ShardState(StrEnum):
    """The state of a shard: the part of a job that one worker claims."""

    QUEUED = "queued"
    PAUSED = "paused"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobError(Schema):
    """Why a job, or a part of it, failed."""

    code: str
    """Stable; docs/api.md lists all codes."""
    detail: str
    """One sentence for a person: what is wrong, and what to do."""


class StageProgress(Schema):
    """The progress of one stage of an evaluation or of a data set import."""

    stage: str
    """What the job does now, such as `Scoring music21`; for people."""
    progress: Annotated[float, Field(ge=0, le=1)]
    """Share of the stage that is done."""


class GenerationJob(Schema):
    """One generation request and its progress."""

    id: UUID
    state: JobState
    priority: Priority
    request: GenerationRequest
    """The request as accepted, with the seed filled in."""
    succeeded: Annotated[int, Field(ge=0)] = 0
    """Melodies that are finished."""
    failed: Annotated[int, Field(ge=0)] = 0
    """Melodies that failed permanently."""
    cancelled: Annotated[int, Field(ge=0)] = 0
    """Melodies that were cancelled."""
    expired: Annotated[int, Field(ge=0)] = 0
    """Melodies that were not finished at the deadline."""
    queue_position: Annotated[int, Field(ge=0)] | None = None
    """Older queued shards of this priority; the claim order is fair between owners, not FIFO."""
    waiting_for: str | None = None
    """Why no worker can run it now, in one sentence; null if a worker serves its model."""
    error: JobError | None = None
    """Why melodies failed; null if none did."""
    retry_of: UUID | None = None
    """The job that this one repeats, if any."""
    created_at: datetime
    """When it was accepted, in UTC."""
    started_at: datetime | None = None
    """When a worker first claimed a part of it; null before."""
    finished_at: datetime | None = None
    """When it reached a final state; null before."""
    cancel_seconds: Annotated[float, Field(ge=0)] | None = None
    """Of a cancelled or expired job: seconds until the engine had dropped its last melody."""
    expires_at: datetime | None = None
    """When it is deleted with its melodies; favourites and their job stay. Null: no time is set."""

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final."""
        return self.state.is_terminal
