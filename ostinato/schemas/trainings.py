"""A training: its request, its progress and its learning curve.

The names of recipes and data sets are listed here for code that may not import the trainer.
"""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato.schemas.generations import Seed
from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.names import VersionName
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Schema

RECIPES = ("mini", "v2", "v3", "v4", "v5", "v6", "v7-small", "v7", "v8")
"""The recipes of `services.trainer.recipes.recipes`."""
NAMED_DATASETS = (
    "music21",
    *("reference-rnb", "reference-dance", "reference-jazz", "reference-mixed", "maestro"),
    *("rnb", "dance", "jazz", "mixed", "pop", "folk"),
)
"""The entries of `services.trainer.data.catalog`; only the first is on every machine."""


class TrainingOptions(Schema):
    """The recipes and data sets that a training request can name."""

    recipes: list[str]
    datasets: list[str]
    """Only the first is on every machine; uploaded data sets go by their ids."""


class HyperparameterOverrides(Schema):
    """Hyperparameters that differ from the recipe; omitted ones keep the recipe's value."""

    minutes: Annotated[float, Field(ge=0.1, le=10_080)] | None = None
    """A time budget, instead of one in steps."""
    steps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=0.1)] | None = None
    """Peak, reached after the warm-up."""
    batch_size: Annotated[int, Field(ge=1, le=512)] | None = None
    """Rows of one context per step."""
    patience: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Validations without an improvement after which the run stops early."""
    seed: Seed | None = None

    @model_validator(mode="after")
    def _has_one_budget(self) -> Self:
        if self.minutes is not None and self.steps is not None:
            raise ValueError("minutes, steps: a run has one budget; set only one of them")
        return self


class TrainingRequest(Schema):
    """A request to train a version by a recipe."""

    recipe: Annotated[str, Field(min_length=1, max_length=64)]
    """One of those that `GET /v1/trainings/recipes` lists."""
    version: VersionName
    """The name of the new version; it must not be in use."""
    dataset: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """A named data set, or the id of an uploaded one; default: the recipe's."""
    base: VersionName | None = None
    """The version to fine-tune: the run starts with its weights and its vocabulary."""
    overrides: HyperparameterOverrides = HyperparameterOverrides()


class TrainingStep(Schema):
    """One training step."""

    step: Annotated[int, Field(ge=1)]
    tokens: int
    """That the model has seen."""
    seconds: float
    """Spent in steps."""
    progress: Annotated[float, Field(ge=0)]
    """The used share of the budget."""
    train_nats_per_token: float
    """The training loss of this step."""


class LearningCurvePoint(Schema):
    """One validation: a point of the learning curve."""

    step: Annotated[int, Field(ge=1)]
    tokens: int
    """That the model has seen."""
    seconds: float
    """Spent in steps."""
    train_nats_per_token: float
    """Mean training loss since the previous validation."""
    held_out_nats_per_note: float
    """Negative log-likelihood of held-out pieces; lower is better."""


class TrainingMetrics(LearningCurvePoint):
    """One validation, with a few bars that the model generated then."""

    preview_notes: tuple[Note, ...] = ()
    """Sampled with the same random numbers at every validation."""


class Training(Schema):
    """One training and its progress."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` streams its steps and metrics."""
    state: JobState
    request: TrainingRequest
    """As accepted."""
    latest: TrainingMetrics | None = None
    best: TrainingMetrics | None = None
    """The validation whose weights the version has."""
    error: JobError | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """The state is final."""
        return self.state.is_terminal
