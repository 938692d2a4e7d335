"""A batch: one job of up to 100,000 melodies, each with parameters of its own."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.account.webhooks import JobWebhook
from ostinato.schemas.generations import MAX_DEADLINE, GenerationRequest, is_none
from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.schema import Schema

MAX_ITEMS = 100_000
"""Melodies of one batch."""
MAX_BATCH_BYTES = 50_000_000
"""Bytes of the lines of one batch."""

CustomId = Annotated[str, Field(min_length=1, max_length=200)]
Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]
"""At most 16 names and values, which come back unchanged."""
Deadline = Annotated[int, Field(ge=1, le=MAX_DEADLINE)]


class InvalidLines(StrEnum):
    """What happens if some lines of a batch are invalid."""

    REJECT = "reject"
    """The batch is rejected; the response names the first invalid lines."""
    REPORT = "report"
    """The others are generated; each invalid line becomes a failed item of the batch."""


class BatchLine(GenerationRequest):
    """One line of a batch: a generation request. Its melodies are items of the batch."""

    custom_id: CustomId | None = None
    """Your name for the line, unique in the batch: its melodies and errors carry it."""


class BatchRequest(Schema):
    """A batch of melodies that differ only by their seeds."""

    request: GenerationRequest
    """The request for each melody; melody i is sampled with its seed + i."""
    count: Annotated[int, Field(ge=1, le=MAX_ITEMS)]
    """Number of melodies."""
    metadata: Metadata = Field(default_factory=dict)
    """At most 16 names and values, which come back unchanged."""
    deadline_seconds: Deadline | None = None
    """Seconds from acceptance after which unfinished melodies expire. If omitted: none."""
    webhook: Annotated[JobWebhook | None, Field(exclude_if=is_none)] = None
    """Receives an event when the batch has ended."""


class BatchParameters(Schema):
    """What a batch is stored with, besides its items."""

    metadata: Metadata = Field(default_factory=dict)
    """At most 16 names and values, which come back unchanged."""
    deadline_seconds: Deadline | None = None
    """Seconds from acceptance after which unfinished melodies expire. If omitted: none."""
    request: GenerationRequest | None = None
    """The request of all melodies; null if each has its own."""


class BatchCounts(Schema):
    """The melodies of a batch by state."""

    total: int
    """All melodies of the batch."""
    queued: int
    """Waiting for a worker; those of a paused batch are counted here."""
    running: int
    """In a shard that a worker holds."""
    succeeded: int
    """Finished."""
    failed: int
    """Failed for good; `/v1/batches/{id}/errors` lists them."""
    cancelled: int
    """Cancelled before they were finished."""
    expired: int = 0
    """Not finished at the deadline."""


class Batch(Schema):
    """A batch and its progress."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` reports its progress and its end."""
    state: JobState
    counts: BatchCounts
    metadata: Metadata
    queue_position: int | None = None
    """Shards of other jobs that workers claim before its next one, at most 1,000; null if none of
    it is queued."""
    waiting_for: str | None = None
    """What the queued melodies wait for, in one sentence; null if none is queued."""
    melodies_per_second: float | None = None
    """Since a worker first claimed a part of it; null before."""
    eta_seconds: float | None = None
    """Seconds until its end at this rate; null if there is none yet, or it is paused."""
    error: JobError | None = None
    """Why a melody failed, the first one; `/v1/batches/{id}/errors` has all."""
    retry_of: UUID | None = None
    """The batch whose failed items this one repeats, if any."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    """When the unfinished melodies expire; null without a deadline."""
    cancel_seconds: Annotated[float, Field(ge=0)] | None = None
    """If it was cancelled or expired: seconds until the engine had dropped its last melody."""

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final."""
        return self.state.is_terminal


class BatchItemError(Schema):
    """A melody of a batch that failed."""

    index: Annotated[int, Field(ge=0)]
    """Index of the melody in the batch."""
    custom_id: str | None
    """The name that its line had."""
    error: JobError
