"""What a model card records of its data, its training and its evaluation.

A field is optional where a card may lack it: a run that fine-tunes nothing has no base, and a
version that generated no samples has no evaluation of them.
"""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from ostinato.schemas.evaluations import GapSize, InfillRecord, SampleEvaluation
from ostinato.schemas.generations import Seed, is_none
from ostinato.schemas.recipes.recipe_records import RecipeRecord
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import LearningCurvePoint, TrainingRequest


def is_empty(value: object) -> bool:
    """Whether a field is left out of JSON."""
    return not value


class DatasetRecord(Schema):
    """One data set that a version was trained on, and how many of its pieces were used."""

    name: str
    """Its name, or the id of an uploaded data set."""
    description: str
    license: str
    """License of its music."""
    weight: float
    """How often its pieces are sampled, relative to the other data sets."""
    num_tokens: int
    """Tokens of its used pieces, each counted once."""
    found: int
    """Number of its pieces."""
    skipped: dict[str, int]
    """Pieces that are not used, by reason."""
    used: int
    """Number of pieces that are used: those of the three sides together."""
    duplicate_groups: int
    """Groups of related pieces, single pieces included; a group is never split between sides."""
    train: int
    """Number of used pieces on the training side."""
    held_out: int
    """Number of used pieces on the held-out side."""
    test: int = 0
    """Number of used pieces that are never scored; only published splits have a test side."""
    num_notes: int
    """Notes of its used pieces."""
    hours: float | None = None
    """Playing time of its used pieces, in hours."""
    pieces_by_folder: dict[str, int] | None = None
    """Number of used pieces by folder."""


class DataRecord(Schema):
    """The data of a version."""

    datasets: tuple[DatasetRecord, ...] = ()
    split: str | None = None
    """How training and held-out pieces were separated."""
    num_tokens: int | None = None
    """Tokens of all used pieces, each counted once."""
    tokens_per_note: float | None = None
    """Mean number of tokens for each note."""
    vocab_size: int | None = None
    """Number of tokens in the vocabulary."""
    density_bounds: Annotated[tuple[float, ...] | None, Field(exclude_if=is_none)] = None
    """Notes per four quarters at which the next class of note density begins: the quantiles of the
    training examples. If missing: the version was trained without them."""


class BaseRecord(Schema):
    """What a run was initialized from: a version (fine-tuning), or the run of a smaller decoder."""

    version: str | None = None
    sha256: str | None = None
    recipe: str | None = None
    """The recipe of the smaller decoder."""
    steps: int | None = None
    """Training steps that the base was trained for."""
    tokens: int | None = None
    """Tokens that the base was trained on."""
    seconds: float | None = None
    """Time that the base spent in training steps, in seconds."""
    nats_per_note: float | None = None
    """Negative log-likelihood of the base on its held-out pieces, in nats per note."""
    datasets: tuple[str, ...] = ()
    """Names of the data sets that the base was trained on."""
    requested_dataset: str | None = None
    """The data set that its training request named: a name, or the id of an uploaded one."""
    base: "BaseRecord | None" = None
    """What the base itself was initialized from."""


class ValidationRecord(LearningCurvePoint):
    """One validation of the run."""

    averaged_nats_per_note: Annotated[float | None, Field(exclude_if=is_none)] = None
    """Negative log-likelihood with the moving average of the weights. If missing: there is none."""


class TrainingRecord(Schema):
    """The run that a version's weights come from, up to its best validation."""

    num_parameters: int | None = None
    """Number of weights."""
    selection: str | None = None
    """Which validation the weights are from."""
    steps: int | None = None
    """Training steps up to the validation that the weights are from."""
    tokens: int | None = None
    """Tokens that the model was trained on."""
    seconds: float | None = None
    """Time spent in training steps."""
    seed: Seed | None = None
    """Seed of the initial weights and of the order of the training examples."""
    commit: str | None = None
    """Commit of the code that started the run."""
    minutes: float | None = None
    """Time budget in minutes, if the run had one."""
    stop_reason: str | None = None
    torch: str | None = None
    """Version of PyTorch."""
    recipe: RecipeRecord | None = None
    learning_curve: tuple[ValidationRecord, ...] = ()
    base: BaseRecord | None = None
    job_id: UUID | None = None
    """The training job, if a client requested it."""
    request: TrainingRequest | None = None


class HeldOutCounts(Schema):
    """The amount of held-out music that a likelihood is computed on."""

    num_pieces: int
    """Number of pieces."""
    num_notes: int
    """Number of notes."""
    num_tokens: int
    """Number of tokens."""


class LikelihoodRecord(Schema):
    """Negative log-likelihood of the held-out pieces of one data set."""

    nats_per_note: float
    """In nats per note; lower is better."""
    bits_per_second: float
    """In bits per second of music; lower is better."""
    nats_per_token: float
    """In nats per token; comparable only between versions with one vocabulary."""
    held_out: HeldOutCounts


class DataLeakageRecord(Schema):
    """How much better a validation loss looks when its windows overlap training windows."""

    leaky_validation_nats_per_token: float
    """Validation loss on windows that overlap training windows, in nats per token."""
    held_out_nats_per_token: float
    """Loss on held-out pieces, in nats per token."""
    gap_nats_per_token: float
    """How much lower the leaky loss is, in nats per token."""
    num_tokens: int
    """Tokens that the measured model was trained on."""
    num_training_windows: int
    """Number of training windows."""
    seed: Seed
    """Seed of the measured run."""


class EvaluationRecord(Schema):
    """The evaluation of a version on held-out music, over all of its data sets and for each."""

    nats_per_note: float | None = None
    """Negative log-likelihood in nats per note; lower is better."""
    bits_per_second: float | None = None
    """Negative log-likelihood in bits per second of music; lower is better."""
    nats_per_token: float | None = None
    """Negative log-likelihood in nats per token."""
    held_out: HeldOutCounts | None = None
    limitation: str | None = None
    """The part of the music that the likelihood does not cover, if any."""
    infill_by_dataset: Annotated[
        dict[str, dict[GapSize, InfillRecord]], Field(exclude_if=is_empty)
    ] = Field(default_factory=dict)
    """By name of the data set and size of the gap, if the version can infill. Left out if empty:
    processes of the previous release do not know it."""
    by_dataset: dict[str, LikelihoodRecord] = Field(default_factory=dict)
    """The likelihood by name of the data set."""
    samples: SampleEvaluation | None = None
    data_leakage: DataLeakageRecord | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_earlier_infill(cls, record: Any) -> Any:  # noqa: ANN401 - any input
        """Cards of earlier releases have the likelihood in an infill format that is not served."""
        if isinstance(record, dict) and "infill" in record:
            return {name: value for name, value in record.items() if name != "infill"}
        return record
