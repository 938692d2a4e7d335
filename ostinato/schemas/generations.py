"""A generation request: the model version, the number of melodies, sampling."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato.schemas.account.webhooks import JobWebhook
from ostinato.schemas.harmony import Chords, PitchRange, Scale, chord_tones
from ostinato.schemas.notes import Metre
from ostinato.schemas.schema import Schema

MAX_MELODIES = 10_000
MAX_SEED = 2**53 - 1
"""The largest integer that JavaScript represents exactly."""
MAX_DEADLINE = 7 * 24 * 3600
"""The longest deadline, in seconds."""
SHARD_SIZE = 64
"""Melodies that one worker claims at a time."""

BarIndex = Annotated[int, Field(ge=0, lt=256)]
DEFAULT_TEMPO = 120
"""Quarter notes per minute of melodies without a primer."""
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


def is_none(value: object) -> bool:
    """Whether a field is left out of JSON."""
    return value is None


class Priority(StrEnum):
    """The scheduling class of a job."""

    INTERACTIVE = "interactive"
    """A client streams the notes: workers reserve capacity for such jobs."""
    BATCH = "batch"
    """Throughput matters, not latency; runs in the remaining capacity."""


Temperature = Annotated[float, Field(ge=0.0, le=2.0)]
TopK = Annotated[int, Field(ge=0, le=4096)]
TopP = Annotated[float, Field(gt=0.0, le=1.0)]
MinP = Annotated[float, Field(ge=0.0, le=1.0)]


class ResolvedSampling(Schema):
    """Sampling parameters that are all set; named as in Hugging Face's `GenerationConfig`."""

    temperature: Temperature = 1.0
    """0 always selects the most likely token."""
    top_k: TopK = 0
    """0 disables it."""
    top_p: TopP = 1.0
    """1 disables it."""
    min_p: MinP = 0.01
    """0 disables it."""


class Sampling(Schema):
    """Sampling parameters, with their usual meaning; the version has the defaults.

    They are `capabilities.sampling` at the time of the request.
    """

    temperature: Annotated[Temperature | None, Field(exclude_if=is_none)] = None
    """0 always selects the most likely token."""
    top_k: Annotated[TopK | None, Field(exclude_if=is_none)] = None
    """0 disables it."""
    top_p: Annotated[TopP | None, Field(exclude_if=is_none)] = None
    """Nucleus sampling (Holtzman et al. 2020); 1 disables it."""
    min_p: Annotated[MinP | None, Field(exclude_if=is_none)] = None
    """Drops tokens below this share of the most likely token's probability (Nguyen et al. 2024);
    0 disables it."""

    def over(self, defaults: ResolvedSampling) -> ResolvedSampling:
        """These parameters, and for those that are omitted the defaults."""
        return defaults.model_copy(update=self.model_dump())


class GenerationRequest(Schema):
    """1 to 10,000 melodies; melody i is sampled with seed + i, so it can be regenerated alone."""

    model: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """A version that `GET /v1/models` lists. If omitted: the one that is marked as the default
    there; the job shows it."""
    count: Annotated[int, Field(ge=1, le=MAX_MELODIES)] = 1
    """Number of melodies."""
    bars: Annotated[int, Field(ge=1, le=256)] = 8
    """Bars to generate; `capabilities.max_bars` of the version limits them."""
    tempo: Annotated[float | None, Field(ge=20, le=300, exclude_if=is_none)] = None
    """Quarter notes per minute. If omitted: the tempos of the primer; without a primer 120."""
    time_signature: Annotated[Metre | None, Field(exclude_if=is_none)] = None
    """Of the bars to generate; `capabilities.time_signatures` of the version lists what it knows.
    If omitted: that of the last bar of the primer; without a primer 4/4."""
    instrument: Annotated[int, Field(ge=0, le=127)] = 0
    """General MIDI program, counted from 0 (the grand piano); tracks of a primer keep theirs."""
    sampling: Sampling = Sampling()
    seed: Seed | None = None
    """If omitted, the gateway draws one; the job shows it."""
    priority: Priority | None = None
    """If omitted: interactive up to 64 melodies, batch above."""
    primer_id: UUID | None = None
    """A MIDI file posted to `/v1/primers`; the melody continues it."""
    track: Annotated[int | None, Field(ge=0, exclude_if=is_none)] = None
    """The track of the primer to continue or regenerate, counted from 0; the model reads it alone.
    If omitted: the primer's `track`."""
    include_primer: Annotated[bool, Field(exclude_if=bool)] = True
    """Whether the melody begins with the primer; false: it has the new bars of the track only."""
    regenerate: Annotated[tuple[BarIndex, ...], Field(max_length=256, fail_fast=True)] | None = None
    """Bars of the primer, counted from 0, to generate again, conditioned on the bars around them;
    all other bars stay unchanged. `bars` is then ignored."""
    scale: Scale | None = None
    """If omitted: any pitch class."""
    chords: Chords | None = None
    """One chord per generated bar or, with `regenerate`, per bar of the primer."""
    pitch_range: PitchRange | None = None
    """If omitted: all keys of a piano."""
    deadline_seconds: Annotated[int, Field(ge=1, le=MAX_DEADLINE)] | None = None
    """Seconds from acceptance after which unfinished melodies expire. If omitted: none."""
    webhook: Annotated[JobWebhook | None, Field(exclude_if=is_none)] = None
    """Receives an event when the job has ended. It is no part of the accepted request."""

    @model_validator(mode="after")
    def _count_fits_priority_and_seed(self) -> Self:
        if self.priority is Priority.INTERACTIVE and self.count > SHARD_SIZE:
            raise ValueError(
                f"priority: interactive allows at most {SHARD_SIZE} melodies; "
                "lower count, or omit priority to run them as a batch"
            )
        if self.seed is not None and self.seed + self.count - 1 > MAX_SEED:
            raise ValueError(f"seed: seed + count - 1 must not exceed {MAX_SEED}")
        return self

    @model_validator(mode="after")
    def _regenerate_names_bars_of_a_primer(self) -> Self:
        bars = self.regenerate
        if bars is None:
            return self
        if self.primer_id is None:
            raise ValueError("regenerate: requires primer_id, whose bars it names")
        if self.time_signature is not None:
            raise ValueError("time_signature: regenerated bars keep that of the primer")
        if not self.include_primer:
            raise ValueError("include_primer: regenerated bars are a part of the primer")
        if not bars or list(bars) != sorted(set(bars)):
            raise ValueError(
                "regenerate: must list at least one bar, in ascending order, once each"
            )
        return self

    @model_validator(mode="after")
    def _scale_and_chords_share_pitches(self) -> Self:
        scale, chords = self.scale, self.chords
        if scale is None or chords is None or min(scale.strictness, chords.strictness) < 1:
            return self
        for name in chords.progression:
            if not chord_tones(name) & scale.pitch_classes:
                raise ValueError(
                    f"chords: no tone of {name} is in {scale.tonic} {scale.mode}, and both have "
                    "strictness 1; lower one of them"
                )
        return self

    @model_validator(mode="after")
    def _track_is_that_of_a_primer(self) -> Self:
        if self.track is not None and self.primer_id is None:
            raise ValueError("track: requires primer_id, whose track it names")
        return self

    @property
    def resolved_model(self) -> str:
        """The version of an accepted request, which always names one."""
        if self.model is None:
            raise ValueError("the gateway has not set the version of this request")
        return self.model

    @property
    def resolved_seed(self) -> int:
        """The seed of an accepted request, which always has one."""
        if self.seed is None:
            raise ValueError("the gateway has not set the seed of this request")
        return self.seed

    @property
    def resolved_sampling(self) -> ResolvedSampling:
        """The sampling parameters of an accepted request, in which the gateway has set all."""
        return self.sampling.over(ResolvedSampling())

    def with_sampling(self, sampling: ResolvedSampling) -> Self:
        """The request with all of these sampling parameters."""
        return self.model_copy(update={"sampling": Sampling(**dict(sampling))})

    @property
    def resolved_tempo(self) -> float | None:
        """The tempo; None if it is that of the primer."""
        return DEFAULT_TEMPO if self.tempo is None and self.primer_id is None else self.tempo

    @property
    def bars_to_generate(self) -> int:
        """Number of bars that the model generates."""
        return self.bars if self.regenerate is None else len(self.regenerate)

    @property
    def resolved_priority(self) -> Priority:
        """The requested priority, or the default for this count."""
        if self.priority is not None:
            return self.priority
        return Priority.INTERACTIVE if self.count <= SHARD_SIZE else Priority.BATCH


class PrimerTrack(Schema):
    """A track with notes, or a channel of a track with several ones."""

    name: str
    """Empty if it has none."""
    program: int
    """General MIDI program of its first note, counted from 0."""
    is_drum: bool
    """Whether it plays drums: it cannot be generated, because models know pitches only."""
    num_notes: int
    """Number of notes."""


class Primer(Schema):
    """An uploaded MIDI file, of which melodies continue a track or regenerate bars."""

    id: UUID
    """Pass it as `primer_id`. The same music has the same id."""
    sha256: str
    """SHA-256 of the uploaded file."""
    midi_sha256: str
    """SHA-256 of the file as it is stored, without what surrounds its tracks, in the bars that were
    asked for; the receipts of melodies that start with it have this hash."""
    num_notes: int
    """Number of notes of all tracks."""
    bars: int
    """Number of bars, with the rest at the end of the file."""
    from_bar: int = 0
    """The first of these bars in the file, counted from 0."""
    track: int
    """Index of the track that most likely is the melody: what is generated by default."""
    tracks: tuple[PrimerTrack, ...]
    """The tracks of the file that have notes."""
    time_signatures: tuple[str, ...]
    """The time signatures of its bars, such as `3/4`; a model must know all of them."""
