"""A training: what is asked for, how far it is, and the curve that it draws.

The names of recipes and of named data sets stand here for those that may not import the trainer.
"""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato.schemas.generations import Seed
from ostinato.schemas.jobs import Failure, JobState
from ostinato.schemas.models import VersionName
from ostinato.schemas.notes import Note
from ostinato.schemas.schema import Wire

RECIPES = ("mini", "v2", "v3", "v4", "v5", "v6", "seedling", "v7", "v8")
"""What `services.trainer.recipes.recipes` can cook."""
NAMED_DATASETS = (
    "music21",
    *("reference-rnb", "reference-dance", "reference-jazz", "reference-mixed", "maestro"),
    *("rnb", "dance", "jazz", "mixed", "pop", "folk"),
)
"""What `services.trainer.data.catalog` knows; all but the first lie on some machines only."""


class RecipeBook(Wire):
    """The names that a training may be asked for by."""

    recipes: list[str]
    datasets: list[str]
    """All but the first lie on some machines only; your own go by their ids."""


class Overrides(Wire):
    """What is to be different from the recipe; whatever is left out stays as it is."""

    minutes: Annotated[float, Field(ge=0.1, le=10_080)] | None = None
    """A budget by the clock, instead of in steps."""
    steps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=0.1)] | None = None
    """At its highest, after the warm-up."""
    batch: Annotated[int, Field(ge=1, le=512)] | None = None
    """Rows of one context a step."""
    patience: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Examinations without a better one after which the run ends early."""
    seed: Seed | None = None

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        if self.minutes is not None and self.steps is not None:
            raise ValueError("minutes, steps: a run has one budget; give one of the two")
        return self


class TrainingRequest(Wire):
    """A model version, from a recipe."""

    recipe: Annotated[str, Field(min_length=1, max_length=64)]
    """One of those that the 404 for an unknown one lists."""
    version: VersionName
    """The name of what is made; no version may have it yet."""
    dataset: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """A named set, or the id of one of your own; left out: the recipe's."""
    base: VersionName | None = None
    """The version whose weights and vocabulary the run begins with: it is fine-tuned."""
    overrides: Overrides = Overrides()


class TrainingStep(Wire):
    """One step, right after it was taken."""

    step: Annotated[int, Field(ge=1)]
    tokens: int
    """That the model has seen."""
    seconds: float
    """Spent in steps."""
    spent: Annotated[float, Field(ge=0)]
    """The share of the budget that is over."""
    train_nats_per_token: float
    """Of this step alone."""


class TrainingPoint(Wire):
    """One examination: a point of the learning curve."""

    step: Annotated[int, Field(ge=1)]
    tokens: int
    """That the model has seen."""
    seconds: float
    """Spent in steps."""
    train_nats_per_token: float
    """Mean of the steps since the point before."""
    held_out_nats_per_note: float
    """On pieces that it never sees; less is better."""
    sample: tuple[Note, ...] = ()
    """What it writes by now, in a few bars: by the same chances at every point."""


class Training(Wire):
    """One training and how far it is."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` tells every step and point."""
    state: JobState
    request: TrainingRequest
    """As accepted."""
    latest: TrainingPoint | None = None
    best: TrainingPoint | None = None
    """Whose weights the version has."""
    error: Failure | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Nothing more will happen to this training."""
        return self.state.is_terminal
