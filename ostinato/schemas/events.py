"""The event stream of one job: numbered, gapless, the same for every subscriber.

`seq` counts from 1 within an `epoch`. If Redis loses a stream, the gateway rebuilds it under a new
epoch and sends `resync_required` first to subscribers that saw the old one: they discard their
state, and every event follows again.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from ostinato.schemas.jobs import JobState, StageProgress
from ostinato.schemas.melodies import MelodyStats
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import TrainingMetrics, TrainingStep


class BaseEvent(Schema):
    """The position of an event in its stream."""

    epoch: str
    """Identity of the stream; a rebuilt stream has a new one."""
    seq: Annotated[int, Field(ge=0)]
    """Number of the event in its stream, counted from 1; 0 for `resync_required`."""
    at: int
    """Unix time in milliseconds, by the clock of Redis."""


class JobEvent(BaseEvent):
    """The job changed its state."""

    kind: Literal["job"] = "job"
    state: JobState


class NotesEvent(BaseEvent):
    """Notes of a melody in order; no later token can change them."""

    kind: Literal["notes"] = "notes"
    melody: int
    """Index of the melody in the job."""
    first: int
    """Index of the first of these notes in the melody."""
    notes: list[Note]
    """The notes, each `[start, duration, pitch, velocity]`."""
    bars: int
    """Bars of the melody that are complete."""


class MelodyEvent(BaseEvent, MelodyStats):
    """A melody is committed, or the complete bars of one that was interrupted."""

    kind: Literal["melody"] = "melody"
    melody: int
    """Index of the melody in the job."""
    id: UUID
    """Id of the melody: `GET /v1/melodies/{id}.mid` returns its MIDI file."""
    partial: bool = False
    """Whether it was interrupted, so that only its first bars exist."""


class StepEvent(BaseEvent, TrainingStep):
    """A training step. Not every step is published; a rebuilt stream contains none."""

    kind: Literal["step"] = "step"


class MetricsEvent(BaseEvent):
    """A training was validated: its learning curve has a new point."""

    kind: Literal["metrics"] = "metrics"
    metrics: TrainingMetrics


class ProgressEvent(BaseEvent, StageProgress):
    """A stage of an evaluation or a data set import advanced; a rebuilt stream contains none."""

    kind: Literal["progress"] = "progress"


class CountsEvent(BaseEvent):
    """Melodies of a batch have ended. Not every change is published; a rebuilt stream has none."""

    kind: Literal["counts"] = "counts"
    succeeded: int
    """Melodies that are finished."""
    failed: int
    """Melodies that failed for good."""
    cancelled: int
    """Melodies that were cancelled."""
    expired: int = 0
    """Melodies that were not finished at the deadline."""


class ResyncEvent(BaseEvent):
    """The epoch changed: discard the state; every event follows again from 1."""

    kind: Literal["resync_required"] = "resync_required"


Event = Annotated[
    JobEvent
    | NotesEvent
    | MelodyEvent
    | CountsEvent
    | StepEvent
    | MetricsEvent
    | ProgressEvent
    | ResyncEvent,
    Field(discriminator="kind"),
]

EVENT_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)
"""Parses one event from JSON."""
