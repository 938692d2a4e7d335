"""The receipt of a job: what ran where, with which weights, and what it gave."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import Seed
from ostinato.schemas.jobs import JobKind, JobState, ShardState
from ostinato.schemas.schema import Schema


class LeaseEnding(StrEnum):
    """How a process gave a shard up."""

    FINISHED = "finished"
    """Everything of the shard has ended."""
    CANCELLED = "cancelled"
    """The job was cancelled, or expired."""
    RELEASED = "released"
    """The process stopped, or the job was paused; another process continues."""
    CRASHED = "crashed"
    """The process reported an error; the shard is tried again."""
    LEASE_EXPIRED = "lease_expired"
    """The process stopped renewing the lease, so that the shard was taken from it."""
    FAILED = "failed"
    """The shard failed for good."""


class Lease(Schema):
    """The time in which one process held a shard."""

    attempt: Annotated[int, Field(ge=1)]
    """The fencing token: only what was written under it counts."""
    worker_id: UUID | None
    """The process, from its start to its end."""
    worker: str | None
    """Process id and host; null if the process was never registered."""
    claimed_at: datetime
    ended_at: datetime | None = None
    """Null while the process holds the shard."""
    ending: LeaseEnding | None = None
    """Null while the process holds the shard."""


class MelodyReceipt(Schema):
    """One melody of a job, and what is needed to generate it again."""

    index: Annotated[int, Field(ge=0)]
    """Position in its job."""
    id: UUID
    custom_id: str | None
    """The client's name for it, in a batch of lines."""
    seed: Seed
    """Seed that generates this melody again."""
    sha256: str
    """SHA-256 of its MIDI file."""
    bars: int
    """Number of bars."""
    partial: bool
    """Whether it was interrupted, so that it has its first bars only."""
    attempt: int | None
    """The attempt at its shard that generated it; null for melodies of earlier releases."""
    model: str
    """The model version that generated it."""
    model_sha256: str
    """SHA-256 of the weights that generated it."""
    numerics: str
    """Identifier of the arithmetic; the same id guarantees the same bytes."""
    request: dict[str, Any] | None
    """Its request in a batch of lines; null if it is the request of the job with this seed."""


class ShardReceipt(Schema):
    """A part of a job that one process claims at a time, and its melodies."""

    first_index: int
    """Index in the job of its first melody."""
    size: int
    """Number of melodies; 1 for the other kinds of jobs."""
    state: ShardState
    attempts: int
    """How many times it was claimed; the last 20 leases are listed."""
    crashes: int
    """Attempts that crashed, or whose process stopped."""
    leases: list[Lease]
    melodies: list[MelodyReceipt]


class JobReceipt(Schema):
    """What happened in one job: a page of its shards, with their leases and melodies."""

    id: UUID
    kind: JobKind
    state: JobState
    request: dict[str, Any]
    """The request as accepted, with the seed filled in; of a batch its parameters."""
    request_sha256: str
    """SHA-256 of the request as it was sent, to which an idempotency key is bound; empty for jobs
    that the service created itself."""
    primers: dict[UUID, str]
    """SHA-256 of the files of the primers that the requests on this page name, by id."""
    num_items: int
    """Number of melodies; 1 for the other kinds of jobs."""
    succeeded: int
    """How many of them are finished."""
    failed: int
    """How many of them failed for good."""
    cancelled: int
    """How many of them were cancelled."""
    expired: int
    """How many of them were not finished at the deadline."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_seconds: float | None
    """Seconds until the engine had dropped its last melody, if it was stopped."""
    shards: list[ShardReceipt]
    """In the order of their first melodies."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last one."""
