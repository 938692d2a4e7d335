"""Entries of event streams: events with an identity, notes of a melody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from ostinato.schemas.jobs import JobState, StageProgress
from ostinato.schemas.melodies import MelodyStats
from ostinato.schemas.notes import Note
from ostinato.schemas.trainings import TrainingMetrics, TrainingStep

COMMITTED_ATTEMPT = 2**31
"""In place of an attempt: the notes are those of the stored melody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesBatch:
    """Consecutive notes of one melody."""

    job_id: UUID
    melody: int
    """Index of the melody in the job."""
    origin: str
    """The weights and the numerics, which determine the notes (`note_origin`). Notes of another
    origin than those in the stream let the stream start again, under a new epoch."""
    attempt: int
    """The attempt at the shard: notes of an earlier one are ignored if they have another origin."""
    first: int
    """Index of the first of these notes in the melody."""
    notes: Sequence[Note]
    bars: int
    """Bars of the melody that are complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """An event that its stream contains once, however often it is appended."""

    job_id: UUID
    identity: str
    event: dict[str, Any]


StreamEntry: TypeAlias = StreamEvent | NotesBatch


def note_origin(model_sha256: str, numerics: str) -> str:
    """What determines the notes of a melody besides its request and its seed."""
    return f"{model_sha256} {numerics}"


def stored_notes(
    job_id: UUID, melody: int, notes: Sequence[Note], *, bars: int, origin: str
) -> NotesBatch:
    """All notes of a stored melody."""
    return NotesBatch(
        job_id=job_id,
        melody=melody,
        origin=origin,
        attempt=COMMITTED_ATTEMPT,
        first=0,
        notes=notes,
        bars=bars,
    )


def job_event(job_id: UUID, state: JobState, *, pause_count: int = 0) -> StreamEvent:
    """A change of the job's state, which may recur after each pause."""
    identity = f"job:{state}:{pause_count}" if pause_count else f"job:{state}"
    return StreamEvent(job_id=job_id, identity=identity, event={"kind": "job", "state": state})


def metrics_event(job_id: UUID, metrics: TrainingMetrics) -> StreamEvent:
    """The metrics of a validation."""
    event = {"kind": "metrics", "metrics": metrics.model_dump(mode="json")}
    return StreamEvent(job_id=job_id, identity=f"metrics:{metrics.step}", event=event)


def step_event(job_id: UUID, step: TrainingStep) -> StreamEvent:
    """A training step."""
    event = {"kind": "step", **step.model_dump(mode="json")}
    return StreamEvent(job_id=job_id, identity=f"step:{step.step}", event=event)


def progress_event(job_id: UUID, attempt: int, progress: StageProgress) -> StreamEvent:
    """The progress of a stage; an attempt reports each share of a stage once."""
    identity = f"progress:{attempt}:{progress.stage}:{progress.progress}"
    event = {"kind": "progress", **progress.model_dump()}
    return StreamEvent(job_id=job_id, identity=identity, event=event)


def counts_event(job_id: UUID, counts: dict[str, int]) -> StreamEvent:
    """How many melodies of a batch have ended, by state."""
    identity = f"counts:{sum(counts.values())}"
    return StreamEvent(job_id=job_id, identity=identity, event={"kind": "counts", **counts})


def melody_event(
    job_id: UUID, melody: int, *, melody_id: UUID, stats: MelodyStats, partial: bool = False
) -> StreamEvent:
    """A melody is committed, or the complete bars of one that was interrupted."""
    fields = stats.model_dump(include=set(MelodyStats.model_fields))
    event = {"kind": "melody", "melody": melody, "id": str(melody_id), **fields}
    if partial:  # only then: a gateway of the previous release rejects fields that it does not know
        event["partial"] = True
    return StreamEvent(job_id=job_id, identity=f"{melody}:committed", event=event)
