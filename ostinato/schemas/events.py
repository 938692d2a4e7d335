"""What a subscriber hears of one job: numbered, gapless, and the same for everybody.

`seq` counts from 1 within an `epoch`. If Redis loses a stream it is rebuilt under a new epoch, and
whoever saw the old one gets `resync_required` first: forget what you have, it all follows again.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Gist
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Wire
from ostinato.schemas.trainings import TrainingPoint, TrainingStep


class Stamp(Wire):
    """Where an event stands."""

    epoch: str
    seq: Annotated[int, Field(ge=0)]
    at: int
    """Unix milliseconds by the clock of Redis."""


class JobEvent(Stamp):
    """The job moved to another state."""

    kind: Literal["job"] = "job"
    state: JobState


class NotesEvent(Stamp):
    """Notes that no later token can change, in the order of the piece."""

    kind: Literal["notes"] = "notes"
    melody: int
    """Index in the job."""
    first: int
    """How many notes of this melody came before."""
    notes: list[Note]
    bars: int
    """Bars of this melody that are complete."""


class MelodyEvent(Stamp, Gist):
    """A melody is committed."""

    kind: Literal["melody"] = "melody"
    melody: int
    id: UUID


class StepEvent(Stamp, TrainingStep):
    """A training took a step; some are told, and what Redis missed of them is not told again."""

    kind: Literal["step"] = "step"


class PointEvent(Stamp):
    """A training was examined: its curve has a point more."""

    kind: Literal["point"] = "point"
    point: TrainingPoint


class ResyncEvent(Stamp):
    """The epoch changed: drop what you have; everything follows again from 1."""

    kind: Literal["resync_required"] = "resync_required"


Event = Annotated[
    JobEvent | NotesEvent | MelodyEvent | StepEvent | PointEvent | ResyncEvent,
    Field(discriminator="kind"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads one event from JSON."""
