"""Wire shapes for the client's tests, whole and valid."""

import json
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel

from ostinato.schemas.datasets import Dataset, DatasetReport, DatasetState
from ostinato.schemas.evaluations import (
    Copies,
    Evaluation,
    EvaluationRequest,
    Lengths,
    Samples,
    TraitComparison,
)
from ostinato.schemas.events import (
    Event,
    JobEvent,
    MelodyEvent,
    NotesEvent,
    PointEvent,
    StepEvent,
)
from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.jobs import Failure, Job, JobState
from ostinato.schemas.melodies import Gist, Melody, MelodySummary
from ostinato.schemas.models import Capabilities, ModelVersion
from ostinato.schemas.notes import TICKS_PER_QUARTER, Note
from ostinato.schemas.trainings import Training, TrainingPoint, TrainingRequest
from tests.unit.ostinato.peer import Answer

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
JOB_ID = UUID("018f0000-0000-7000-8000-000000000001")
MELODY_ID = UUID("018f0000-0000-7000-8000-00000000abcd")
EVALUATION_ID = UUID("018f0000-0000-7000-8000-00000000e7a1")
DATASET_ID = UUID("018f0000-0000-7000-8000-00000000dada")
SCALE = [Note(i * TICKS_PER_QUARTER, TICKS_PER_QUARTER, 60 + 2 * i, 40 + 10 * i) for i in range(8)]


def a_job(state: JobState = JobState.RUNNING, *, count: int = 1, succeeded: int = 0) -> Job:
    return Job(
        id=JOB_ID,
        state=state,
        priority=Priority.INTERACTIVE,
        request=GenerationRequest(model="mini", count=count, bars=2, seed=7),
        succeeded=succeeded,
        error=Failure(code="poison", detail="It fell over.") if state is JobState.FAILED else None,
        created_at=NOON,
    )


def a_melody(notes: list[Note] = SCALE, *, bars: int = 2, model: str = "mini") -> Melody:
    return Melody(
        id=MELODY_ID,
        job_id=JOB_ID,
        index=0,
        seed=7,
        model=model,
        model_sha256="ab" * 32,
        numerics="cpu",
        bars=bars,
        **Gist.of(notes).model_dump(),
        num_tokens=30,
        seconds=0.5,
        created_at=NOON,
        tempo=90,
        notes=notes,
    )


def a_summary() -> MelodySummary:
    return MelodySummary.model_validate(a_melody().model_dump(exclude={"tempo", "notes"}))


def a_model(version: str = "mini", *, registered_at: datetime = NOON) -> ModelVersion:
    return ModelVersion(
        version=version,
        sha256="ab" * 32,
        description="A small decoder.",
        capabilities=Capabilities(max_bars=64, primer=True, velocity=True),
        licence="CC0-1.0",
        data={},
        training={},
        evaluation={"nats_per_note": 3.25},
        registered_at=registered_at,
        promoted_at=registered_at,
    )


def a_dataset(state: DatasetState = DatasetState.READY) -> Dataset:
    report = DatasetReport(
        found=9,
        left_out={"does not parse": 1},
        kept=8,
        families=8,
        train=7,
        held_out=1,
        test=0,
        notes=320,
        hours=0.1,
    )
    refused = Failure(code="too_few_pieces", detail="Add music.")
    return Dataset(
        id=DATASET_ID,
        name="tunes",
        sha256="ef" * 32,
        size=1000,
        files=9,
        created_at=NOON,
        state=state,
        report=report if state is DatasetState.READY else None,
        error=refused if state is DatasetState.REFUSED else None,
    )


def a_point(step: int = 10, nats: float = 2.5) -> TrainingPoint:
    return TrainingPoint(
        step=step,
        tokens=1000,
        seconds=5.0,
        train_nats_per_token=1.25,
        held_out_nats_per_note=nats,
    )


def a_training(state: JobState = JobState.RUNNING, *, point: bool = True) -> Training:
    return Training(
        id=JOB_ID,
        state=state,
        request=TrainingRequest(recipe="mini", version="mine"),
        latest=a_point() if point else None,
        best=a_point() if point else None,
        error=Failure(code="x", detail="It fell over.") if state is JobState.FAILED else None,
        created_at=NOON,
    )


TRAITS = (
    "pitch_class_entropy_bits",
    "scale_consistency",
    "groove_consistency",
    "notes_per_bar",
    "polyphony",
    "repetition_share",
)


def some_samples(count: int = 1000) -> Samples:
    """A judgement in which each trait is a little further off than the one before."""
    traits = {
        name: TraitComparison(
            samples_mean=2.0 + place,
            samples_std=0.5,
            held_out_mean=1.5 + place,
            held_out_std=0.5,
            distance=0.25 + place,
        )
        for place, name in enumerate(TRAITS)
    }
    copied = Copies(
        samples=Lengths(median=9.0, p95=17.0, max=31),
        held_out=Lengths(median=8.0, p95=15.0, max=27),
    )
    return Samples(
        pieces=count - 2,
        silent=1,
        bars=8,
        excerpts=212,
        traits=traits,
        longest_copied_notes=copied,
        job_id=JOB_ID,
        request=GenerationRequest(model="mini", count=count, seed=0),
        model_sha256="ab" * 32,
        failed=2,
    )


def an_evaluation(state: JobState = JobState.SUCCEEDED) -> Evaluation:
    return Evaluation(
        id=EVALUATION_ID,
        state=state,
        request=EvaluationRequest(job_id=JOB_ID),
        version="mini",
        model_sha256="ab" * 32,
        samples=some_samples() if state is JobState.SUCCEEDED else None,
        error=Failure(code="x", detail="It fell over.") if state is JobState.FAILED else None,
        created_at=NOON,
    )


def stepped(seq: int, step: int, spent: float, *, epoch: str = "e") -> StepEvent:
    return StepEvent(
        epoch=epoch,
        seq=seq,
        at=1,
        step=step,
        tokens=1000,
        seconds=5.0,
        spent=spent,
        train_nats_per_token=1.25,
    )


def examined(seq: int, point: TrainingPoint, *, epoch: str = "e") -> PointEvent:
    return PointEvent(epoch=epoch, seq=seq, at=1, point=point)


def moved(seq: int, state: JobState, *, epoch: str = "e") -> JobEvent:
    return JobEvent(epoch=epoch, seq=seq, at=1, state=state)


def wrote(seq: int, *, bars: int, epoch: str = "e") -> NotesEvent:
    return NotesEvent(epoch=epoch, seq=seq, at=1, melody=0, first=0, notes=SCALE, bars=bars)


def committed(seq: int, *, epoch: str = "e") -> MelodyEvent:
    numbers = Gist.of(SCALE).model_dump()
    return MelodyEvent(epoch=epoch, seq=seq, at=1, melody=0, id=MELODY_ID, **numbers)


def sse(*events: Event) -> str:
    return "".join(
        f"id: {event.epoch}:{event.seq}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n"
        for event in events
    )


def page(*items: BaseModel, cursor: str | None = None) -> str:
    following = f'"{cursor}"' if cursor else "null"
    body = ",".join(item.model_dump_json() for item in items)
    return f'{{"items": [{body}], "next_cursor": {following}}}'


def problem(
    status: int, code: str, detail: str, *, retry_after: int | None = None, **extra: object
) -> Answer:
    body = {"title": "No", "status": status, "detail": detail, "code": code, **extra}
    return Answer(
        body=json.dumps(body),
        status=status,
        media_type="application/problem+json",
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )
