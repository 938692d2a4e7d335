"""Messages between the trainer and a child process: JSON, one per line."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, TypeAdapter

from ostinato.schemas.cards import EvaluationRecord
from ostinato.schemas.datasets import DatasetReport
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobError, StageProgress
from ostinato.schemas.models import ModelCard
from ostinato.schemas.names import DatasetName
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import TrainingMetrics, TrainingRequest, TrainingStep
from services.trainer.settings import StoragePaths

MAX_MESSAGE_BYTES = 16 << 20
"""Limit on the length of one message; a card contains a whole learning curve."""


class LeaseRenewal(Schema):
    """Message to the child: the lease was renewed."""

    lease_deadline: float
    """Time in seconds of CLOCK_MONOTONIC, which all processes of a machine share."""


class JobSpec(LeaseRenewal):
    """First message to the child: the job, and until when its lease is valid."""

    job_id: UUID
    attempt: int
    paths: StoragePaths


class DatasetImportSpec(JobSpec):
    """A data set import: parse an uploaded data set and report what is in it."""

    name: DatasetName


class TrainingSpec(JobSpec):
    """A training of a version."""

    request: TrainingRequest
    dataset: DatasetName | None = None
    """Name of the uploaded data set whose id is in the request."""


class EvaluationSpec(JobSpec):
    """An evaluation of a version, whose melodies are in the attempt directory."""

    source_job_id: UUID
    """The generation job that produced the melodies."""
    generation_request: GenerationRequest
    model_sha256: str


class EngravingSpec(JobSpec):
    """An engraving of notes as sheet music."""

    request: EngravingRequest


class StepReport(Schema):
    """Message from the child: an optimizer step is complete."""

    kind: Literal["step"] = "step"
    step: TrainingStep


class MetricsReport(Schema):
    """Message from the child: metrics of validations that this process has not yet reported."""

    kind: Literal["metrics"] = "metrics"
    metrics: list[TrainingMetrics]


class ProgressReport(Schema):
    """Message from the child: a stage of the job has advanced."""

    kind: Literal["progress"] = "progress"
    progress: StageProgress


class DatasetImported(Schema):
    """Result: what is in the data set."""

    kind: Literal["dataset_imported"] = "dataset_imported"
    report: DatasetReport


class Exported(Schema):
    """Result: a checkpoint folder that is ready to be published."""

    kind: Literal["exported"] = "exported"
    folder: Path
    card: ModelCard


class Evaluated(Schema):
    """Result: the quality of the samples, and the likelihood of held-out music."""

    kind: Literal["evaluated"] = "evaluated"
    samples: SampleEvaluation
    held_out: EvaluationRecord
    """Held-out likelihoods, without `samples` and `data_leakage`."""


class Engraved(Schema):
    """Result: the sheet music."""

    kind: Literal["engraved"] = "engraved"
    musicxml: str


class Failed(Schema):
    """Result: the job failed; another attempt may succeed if the child's exit code is not 0."""

    kind: Literal["failed"] = "failed"
    error: JobError


Result: TypeAlias = DatasetImported | Exported | Evaluated | Engraved | Failed
"""The last message of a child."""
ChildMessage = Annotated[
    StepReport | MetricsReport | ProgressReport | Result, Field(discriminator="kind")
]

CHILD_MESSAGE: TypeAdapter[ChildMessage] = TypeAdapter(ChildMessage)
"""Parses one message."""
