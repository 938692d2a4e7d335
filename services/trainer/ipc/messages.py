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
from ostinato.schemas.jobs import JobError
from ostinato.schemas.models import ModelCard
from ostinato.schemas.names import DatasetName
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import TrainingMetrics, TrainingRequest, TrainingStep
from services.trainer.settings import StoragePaths


class LeaseRenewal(Schema):
    """To the child: the lease was renewed."""

    lease_deadline: float
    """On the clock that all processes of a machine share (CLOCK_MONOTONIC), in seconds."""


class JobSpec(LeaseRenewal):
    """To the child, first: the job, and until when its lease is valid."""

    job_id: UUID
    attempt: int
    paths: StoragePaths


class DatasetImportSpec(JobSpec):
    """Parse an uploaded data set and report what is in it."""

    name: DatasetName


class TrainingSpec(JobSpec):
    """Train a version."""

    request: TrainingRequest
    dataset: DatasetName | None = None
    """Its owner's name for the uploaded data set that the request names by id."""


class EvaluationSpec(JobSpec):
    """Evaluate a version, with the melodies that are in the attempt directory."""

    source_job_id: UUID
    """The generation job that produced the melodies."""
    generation_request: GenerationRequest
    model_sha256: str


class EngravingSpec(JobSpec):
    """Engrave notes as sheet music."""

    request: EngravingRequest


class StepReport(Schema):
    """From the child: an optimizer step was taken."""

    kind: Literal["step"] = "step"
    step: TrainingStep


class MetricsReport(Schema):
    """From the child: metrics of validations, from the run's first or since the last report."""

    kind: Literal["metrics"] = "metrics"
    metrics: list[TrainingMetrics]


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
    """Without samples and data leakage."""


class Engraved(Schema):
    """Result: the sheet music."""

    kind: Literal["engraved"] = "engraved"
    musicxml: str


class Failed(Schema):
    """Result: the job failed; it is worth another attempt if the child's exit code is not 0."""

    kind: Literal["failed"] = "failed"
    error: JobError


Result: TypeAlias = DatasetImported | Exported | Evaluated | Engraved | Failed
"""The last message of a child."""
ChildMessage = Annotated[StepReport | MetricsReport | Result, Field(discriminator="kind")]

CHILD_MESSAGE: TypeAdapter[ChildMessage] = TypeAdapter(ChildMessage)
"""Parses one message."""
