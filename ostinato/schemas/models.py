"""A model version as clients see it: its capabilities and its card."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.generations import ResolvedSampling
from ostinato.schemas.names import VersionName
from ostinato.schemas.notes import COMMON_TIME, Metre
from ostinato.schemas.schema import Schema, equals

CARD_EXCLUDES = {"capabilities": {"sampling"}}
"""What card.json and stored cards do not have: processes of the previous release reject it."""


def without_default(field: dict[str, Any]) -> None:
    """Remove the default from the JSON schema of a field that is left out of JSON.

    Generators of clients take a field with a default for one that is never missing.
    """
    del field["default"]


class Capabilities(Schema):
    """The features that a version supports."""

    max_bars: Annotated[int, Field(ge=1)]
    """Largest number of bars that a request may ask for."""
    primer: bool
    """It can continue a MIDI file."""
    infill: bool = False
    """It can regenerate bars of a MIDI file, conditioned on the bars that follow them."""
    key_conditioning: bool = False
    """It was trained with a key signature token in front of the music."""
    scale: bool = True
    """It can be constrained to a scale and a pitch range; a logit mask does it for any model."""
    chords: bool = True
    """It can be constrained to a chord progression; a logit mask does it for any model."""
    velocity: bool
    """Its notes differ in velocity."""
    sampling: ResolvedSampling = ResolvedSampling()
    """The sampling parameters of requests that omit them. Of a checkpoint folder they are in
    generation_config.json, and not in card.json (`CARD_EXCLUDES`)."""
    time_signatures: Annotated[
        tuple[Metre, ...], Field(exclude_if=equals(COMMON_TIME), json_schema_extra=without_default)
    ] = COMMON_TIME
    """The time signatures that it knows. If missing: 4/4."""


class ModelCard(Schema):
    """The contents of card.json in a checkpoint folder; the trainer writes it."""

    version: VersionName
    sha256: str
    """SHA-256 of model.safetensors."""
    description: str
    capabilities: Capabilities
    license: str
    """License of the weights."""
    data: DataRecord
    training: TrainingRecord
    evaluation: EvaluationRecord


class PromotionState(StrEnum):
    """What became of the promotion of weights."""

    PENDING = "pending"
    """Requested: it takes effect once a worker has loaded the weights and tested them."""
    PROMOTED = "promoted"
    """In effect: workers serve these weights."""
    REFUSED = "refused"
    """A worker could not load the weights, or they failed its self-test."""


class ModelVersion(ModelCard):
    """A registered version."""

    registered_at: datetime
    promoted_at: datetime | None
    """When the promotion of these weights took effect; null if it is not in effect."""
    promotion: PromotionState | None = None
    """The state of their promotion; null if none was requested, or if others replaced them."""
    promotion_detail: str | None = None
    """Why a worker refused them, what a pending promotion waits for, or why no worker serves
    weights that are promoted; null if there is nothing to say."""
    workers: int = 0
    """Worker processes that serve these weights now."""
    is_default: bool = False
    """Whether requests without `model` get this version. A setting of the gateway selects it."""
    data_error: str | None = None
    """Why the version cannot be evaluated: the trainer lacks the music that it was trained on.
    Null if the trainer has it."""
    owner: str | None = None
    """Who trained it and may use it; null: everybody may, because it is published."""
