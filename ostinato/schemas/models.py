"""A model version as clients see it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from ostinato.schemas.schema import Wire

VersionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]


class Capabilities(Wire):
    """What a version can be asked for."""

    max_bars: Annotated[int, Field(ge=1)]
    primer: bool
    """It can go on from a MIDI file."""
    infill: bool = False
    """It can write bars of a MIDI file anew with sight of what follows."""
    steering: bool = False
    """It was taught to heed a key that is named before the music begins."""
    scale: bool = True
    """It can be kept to a scale and a range: whatever its vocabulary, a mask does it."""
    chords: bool = True
    """It can be led by a chord progression, likewise."""
    velocity: bool
    """Its notes differ in loudness."""


class ModelCard(Wire):
    """What a checkpoint folder says of itself in card.json; the trainer writes it."""

    version: VersionName
    sha256: str
    """Of model.safetensors."""
    description: str
    capabilities: Capabilities
    licence: str
    """Of the weights."""
    data: dict[str, Any]
    """Which music, its licence, the split and the counts."""
    training: dict[str, Any]
    """Steps, tokens, seconds, seed, commit, and what ended the run."""
    evaluation: dict[str, Any]
    """Held-out numbers; nats_per_note first."""


class ModelVersion(ModelCard):
    """A registered version."""

    registered_at: datetime
    promoted_at: datetime | None
    """Since when workers play these weights; null while they wait to be promoted."""
