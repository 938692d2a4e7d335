"""What a client asks for: melodies from a model version, and how to sample them."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato.schemas.harmony import Chords, PitchRange, Scale, chord_tones
from ostinato.schemas.schema import Wire

MAX_MELODIES = 10_000
MAX_SEED = 2**53 - 1
"""The largest integer that JavaScript, too, can hold exactly."""
MAX_DEADLINE = 7 * 24 * 3600
"""Seconds."""
SHARD_SIZE = 64
"""Melodies that one worker claims at a time."""

BarNumber = Annotated[int, Field(ge=0, lt=256)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class Priority(StrEnum):
    """Who waits for whom."""

    INTERACTIVE = "interactive"
    """Somebody is listening: slots are kept free for it, and its notes are streamed."""
    BATCH = "batch"
    """Nobody waits for a single piece; runs in what is left."""


class Sampling(Wire):
    """How the next token is drawn; the fields have their usual meaning."""

    temperature: Annotated[float, Field(ge=0.0, le=2.0)] = 1.0
    """0 takes the likeliest token each time."""
    top_k: Annotated[int, Field(ge=0, le=4096)] = 0
    """0 keeps all."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Holtzman et al. 2020, nucleus sampling; 1 keeps all."""
    min_p: Annotated[float, Field(ge=0.0, le=1.0)] = 0.01
    """Nguyen et al. 2024: drop what is below this share of the likeliest; 0 keeps all."""


class GenerationRequest(Wire):
    """1 to 10,000 melodies; melody i is drawn with seed + i, so each can be made again alone."""

    model: Annotated[str, Field(min_length=1, max_length=64)]
    """A version that `GET /v1/models` lists."""
    count: Annotated[int, Field(ge=1, le=MAX_MELODIES)] = 1
    bars: Annotated[int, Field(ge=1, le=256)] = 8
    """Bars of four quarters to write; each model says how many it can."""
    tempo: Annotated[int, Field(ge=20, le=300)] = 120
    """Quarter notes a minute."""
    instrument: Annotated[int, Field(ge=0, le=127)] = 0
    """General MIDI program, counted from 0 (0 is the grand piano)."""
    sampling: Sampling = Sampling()
    seed: Seed | None = None
    """Drawn by the gateway when left out; the job says which."""
    priority: Priority | None = None
    """Left out: interactive up to 64 melodies, batch above."""
    primer_id: UUID | None = None
    """A MIDI file posted to `/v1/primers`; the melody goes on where it ends."""
    regenerate: Annotated[tuple[BarNumber, ...], Field(max_length=256)] | None = None
    """Bars of the primer, counted from 0, to be written anew so that they lead into what follows;
    all others stay as they are. `bars` then says nothing."""
    scale: Scale | None = None
    """Left out: any."""
    chords: Chords | None = None
    """A chord for each bar that is written, or with `regenerate` for each bar of the piece."""
    pitch_range: PitchRange | None = None
    """Left out: all keys of a piano."""
    deadline_seconds: Annotated[int, Field(ge=1, le=MAX_DEADLINE)] | None = None
    """So long after its acceptance whatever is not finished is given up, as if it were cancelled.
    Left out: never."""

    @model_validator(mode="after")
    def _interactive_is_one_shard(self) -> Self:
        if self.priority is Priority.INTERACTIVE and self.count > SHARD_SIZE:
            raise ValueError(
                f"priority: interactive takes at most {SHARD_SIZE} melodies; "
                "ask for fewer, or leave priority out and it runs as a batch"
            )
        if self.seed is not None and self.seed + self.count - 1 > MAX_SEED:
            raise ValueError(f"seed: seed + count - 1 must not exceed {MAX_SEED}")
        return self

    @model_validator(mode="after")
    def _bars_are_those_to_regenerate(self) -> Self:
        again = self.regenerate
        if again is None:
            return self
        if self.primer_id is None:
            raise ValueError("regenerate: it names bars of a primer; primer_id says of which")
        if not again or list(again) != sorted(set(again)):
            raise ValueError("regenerate: bars in ascending order, each once, and one at the least")
        return self

    @model_validator(mode="after")
    def _some_pitch_is_left(self) -> Self:
        scale, chords = self.scale, self.chords
        if scale is None or chords is None or min(scale.strictness, chords.strictness) < 1:
            return self
        for name in chords.progression:
            if not chord_tones(name) & scale.pitch_classes:
                raise ValueError(
                    f"chords: no tone of {name} is in {scale.tonic} {scale.mode}, and both are "
                    "strict; make one of them less so"
                )
        return self

    @property
    def num_bars(self) -> int:
        """Bars to write."""
        return self.bars if self.regenerate is None else len(self.regenerate)

    @property
    def effective_priority(self) -> Priority:
        """The class that the job runs in."""
        if self.priority is not None:
            return self.priority
        return Priority.INTERACTIVE if self.count <= SHARD_SIZE else Priority.BATCH


class Primer(Wire):
    """A MIDI file to go on from, as the gateway understood it."""

    id: UUID
    sha256: str
    notes: int
    bars: int
    """Bars of four quarters, the last one rounded up."""
