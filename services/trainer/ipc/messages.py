"""What a trainer and the child that works for it say to each other: JSON, a line each.

Refuses to know how the lines travel.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, TypeAdapter

from ostinato.schemas.datasets import DatasetName, DatasetReport
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.evaluations import Samples
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Failure
from ostinato.schemas.models import ModelCard
from ostinato.schemas.schema import Wire
from ostinato.schemas.trainings import TrainingPoint, TrainingRequest, TrainingStep


class Hold(Wire):
    """The claim was renewed."""

    until: float
    """By the clock that all processes of a machine share (CLOCK_MONOTONIC)."""


class Places(Wire):
    """Where things lie."""

    home: Path
    data: Path | None
    checkpoints: Path
    storage_url: str


class Assignment(Hold):
    """What the child is to do, and how long it is its own."""

    job_id: UUID
    attempt: int
    places: Places


class ReadingAssignment(Assignment):
    """Say what is in a data set."""

    name: DatasetName


class TrainingAssignment(Assignment):
    """Make a version."""

    request: TrainingRequest
    dataset: DatasetName | None = None
    """What the owner calls the data set that the request names by its id."""


class JudgingAssignment(Assignment):
    """Judge a version by the pieces that lie in the attempt's folder."""

    made_by: UUID
    """The generation."""
    asked: GenerationRequest
    model_sha256: str


class EngravingAssignment(Assignment):
    """Set notes as sheet music."""

    request: EngravingRequest


class Step(Wire):
    """A step was taken."""

    kind: Literal["step"] = "step"
    step: TrainingStep


class Curve(Wire):
    """The learning curve as far as it is drawn, or what is new of it."""

    kind: Literal["curve"] = "curve"
    points: list[TrainingPoint]


class Described(Wire):
    """The end: this is in the data set."""

    kind: Literal["described"] = "described"
    report: DatasetReport


class Exported(Wire):
    """The end: a checkpoint folder is ready to be published."""

    kind: Literal["exported"] = "exported"
    folder: Path
    card: ModelCard


class Judged(Wire):
    """The end: so the version writes, and so well it foretells what people wrote."""

    kind: Literal["judged"] = "judged"
    samples: Samples
    foresight: dict[str, Any]
    """Figures of `evaluation` of a card."""


class Engraved(Wire):
    """The end: this is the sheet music."""

    kind: Literal["engraved"] = "engraved"
    musicxml: str


class Failed(Wire):
    """The end: it cannot be done; or not now, if the child's exit code is not 0."""

    kind: Literal["failed"] = "failed"
    failure: Failure


Ending: TypeAlias = Described | Exported | Judged | Engraved | Failed
"""The last that a child says."""
Word = Annotated[Step | Curve | Ending, Field(discriminator="kind")]

WORD: TypeAdapter[Word] = TypeAdapter(Word)
"""Reads one word from JSON."""
