"""A training: its request, its progress and its learning curve.

The names of recipes and data sets are listed here for code that may not import the trainer.
"""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato.schemas.account.webhooks import JobWebhook
from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.generations import Seed, is_none
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
    """Names of data sets, of which only the first is on every machine; uploads have ids instead."""


class HyperparameterOverrides(Schema):
    """Hyperparameters that differ from the recipe; omitted ones keep the recipe's value."""

    minutes: Annotated[float, Field(ge=0.1, le=10_080)] | None = None
    """Time budget in minutes, instead of one in steps."""
    steps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Budget in training steps, instead of one in minutes."""
    learning_rate: Annotated[float, Field(gt=0, le=0.1)] | None = None
    """Peak learning rate, reached after the warm-up."""
    batch_size: Annotated[int, Field(ge=1, le=512)] | None = None
    """Rows of one context per step."""
    patience: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Validations without an improvement after which the run stops early."""
    seed: Seed | None = None
    """Seed of the initial weights and of the order of the training examples."""

    @model_validator(mode="after")
    def _has_one_budget(self) -> Self:
        if self.minutes is not None and self.steps is not None:
            raise ValueError("minutes, steps: a run has one budget; set only one of them")
        return self


class TrainingRequest(Schema):
    """A request to train a version by a recipe."""

    recipe: Annotated[str, Field(min_length=1, max_length=64)]
    """Name of a recipe; `GET /v1/trainings/recipes` lists them."""
    version: VersionName
    """The name of the new version; it must not be in use."""
    dataset: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """A named data set, or the id of an uploaded one; default: the recipe's."""
    base: VersionName | None = None
    """The version to fine-tune: the run starts with its weights and its vocabulary."""
    overrides: HyperparameterOverrides = HyperparameterOverrides()
    deadline_seconds: DeadlineSeconds | None = None
    """Seconds from acceptance until it expires, unless it has ended. If omitted: none."""
    webhook: Annotated[JobWebhook | None, Field(exclude_if=is_none)] = None
    """Receives an event when the training has ended. It is no part of the accepted request."""


class TrainingStep(Schema):
    """One training step."""

    step: Annotated[int, Field(ge=1)]
    """Number of the step, counted from 1."""
    tokens: int
    """Tokens that the model was trained on so far."""
    seconds: float
    """Time spent in training steps."""
    progress: Annotated[float, Field(ge=0)]
    """Share of the budget that is used; 1: all of it."""
    train_nats_per_token: float
    """The training loss of this step."""


class LearningCurvePoint(Schema):
    """One validation: a point of the learning curve."""

    step: Annotated[int, Field(ge=1)]
    """The training step after which the validation ran, counted from 1."""
    tokens: int
    """Tokens that the model was trained on so far."""
    seconds: float
    """Time spent in training steps."""
    train_nats_per_token: float
    """Mean training loss since the previous validation."""
    held_out_nats_per_note: float
    """Negative log-likelihood of held-out pieces, in nats per note; lower is better."""


class TrainingMetrics(LearningCurvePoint):
    """One validation, with a preview of a few bars."""

    preview_notes: tuple[Note, ...] = ()
    """Generated bars; every validation samples them with the same random numbers."""


class Training(Schema):
    """One training and its progress."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` streams its steps and metrics."""
    state: JobState
    request: TrainingRequest
    """The request as accepted."""
    latest: TrainingMetrics | None = None
    """The last validation; null before the first."""
    best: TrainingMetrics | None = None
    """The validation whose weights the version has."""
    error: JobError | None = None
    """Why it failed; null in any other state."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final."""
        return self.state.is_terminal
