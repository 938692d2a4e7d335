"""Complete, valid API objects for the client's tests."""

import json
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel

from ostinato.schemas.account.keys import ApiKey, Scope
from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.datasets import Dataset, DatasetReport, DatasetState
from ostinato.schemas.evaluations import (
    Evaluation,
    EvaluationRequest,
    FeatureComparison,
    LengthSummary,
    SampleEvaluation,
    TrainingOverlap,
)
from ostinato.schemas.events import (
    Event,
    JobEvent,
    MelodyEvent,
    MetricsEvent,
    NotesEvent,
    StepEvent,
)
from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.jobs import GenerationJob, JobError, JobState
from ostinato.schemas.melodies import Melody, MelodyStats, MelodySummary, MelodyTrack
from ostinato.schemas.models import Capabilities, ModelVersion, PromotionState
from ostinato.schemas.notes import TICKS_PER_QUARTER, Bar, Note, TempoMark
from ostinato.schemas.trainings import Training, TrainingMetrics, TrainingRequest
from tests.unit.ostinato.scripted_server import ScriptedResponse

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
JOB_ID = UUID("018f0000-0000-7000-8000-000000000001")
MELODY_ID = UUID("018f0000-0000-7000-8000-00000000abcd")
EVALUATION_ID = UUID("018f0000-0000-7000-8000-00000000e7a1")
KEY_ID = UUID("018f0000-0000-7000-8000-0000000000e1")
DATASET_ID = UUID("018f0000-0000-7000-8000-00000000dada")
SCALE = [
    Note(index * TICKS_PER_QUARTER, TICKS_PER_QUARTER, 60 + 2 * index, 40 + 10 * index)
    for index in range(8)
]


def a_job(
    state: JobState = JobState.RUNNING, *, count: int = 1, succeeded: int = 0
) -> GenerationJob:
    return GenerationJob(
        id=JOB_ID,
        state=state,
        priority=Priority.INTERACTIVE,
        request=GenerationRequest(model="mini", count=count, bars=2, seed=7),
        succeeded=succeeded,
        error=JobError(code="poison", detail="The worker crashed.")
        if state is JobState.FAILED
        else None,
        created_at=NOON,
    )


def a_key() -> ApiKey:
    return ApiKey(
        id=KEY_ID,
        first_id=KEY_ID,
        owner="ann",
        name="nightly",
        prefix="ost_Ab12Cd",
        scopes=[Scope.GENERATE],
        created_at=NOON,
        expires_at=None,
        last_used_at=None,
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
        **MelodyStats.from_notes(notes).model_dump(),
        num_tokens=30,
        generation_seconds=0.5,
        created_at=NOON,
        tempo=90,
        tempos=[TempoMark(0, 90)],
        bar_positions=[Bar(1920 * bar, 1920, 4, 4) for bar in range(bars)],
        track=0,
        tracks=[MelodyTrack(name="", program=0, is_drum=False, notes=notes)],
        notes=notes,
    )


def a_summary() -> MelodySummary:
    return MelodySummary.model_validate(
        a_melody().model_dump(include=set(MelodySummary.model_fields))
    )


def a_model(version: str = "mini", *, registered_at: datetime = NOON) -> ModelVersion:
    return ModelVersion(
        version=version,
        sha256="ab" * 32,
        description="A small decoder.",
        capabilities=Capabilities(max_bars=64, primer=True, velocity=True),
        license="CC0-1.0",
        data=DataRecord(),
        training=TrainingRecord(),
        evaluation=EvaluationRecord(nats_per_note=3.25),
        registered_at=registered_at,
        promoted_at=registered_at,
        promotion=PromotionState.PROMOTED,
    )


def a_dataset(state: DatasetState = DatasetState.READY) -> Dataset:
    report = DatasetReport(
        found=9,
        skipped={"cannot be parsed": 1},
        used=8,
        duplicate_groups=8,
        train=7,
        held_out=1,
        test=0,
        num_notes=320,
        hours=0.1,
    )
    error = JobError(code="too_few_pieces", detail="Add music.")
    return Dataset(
        id=DATASET_ID,
        name="tunes",
        sha256="ef" * 32,
        num_bytes=1000,
        num_files=9,
        created_at=NOON,
        state=state,
        report=report if state is DatasetState.READY else None,
        error=error if state in (DatasetState.REJECTED, DatasetState.CANCELLED) else None,
    )


def some_metrics(step: int = 10, nats: float = 2.5) -> TrainingMetrics:
    return TrainingMetrics(
        step=step,
        tokens=1000,
        seconds=5.0,
        train_nats_per_token=1.25,
        held_out_nats_per_note=nats,
    )


def a_training(state: JobState = JobState.RUNNING, *, validated: bool = True) -> Training:
    return Training(
        id=JOB_ID,
        state=state,
        request=TrainingRequest(recipe="mini", version="mine"),
        latest=some_metrics() if validated else None,
        best=some_metrics() if validated else None,
        error=JobError(code="x", detail="The worker crashed.")
        if state is JobState.FAILED
        else None,
        created_at=NOON,
    )


FEATURES = (
    "pitch_class_entropy_bits",
    "scale_consistency",
    "groove_consistency",
    "notes_per_bar",
    "polyphony",
    "repetition_share",
)


def a_sample_evaluation(count: int = 1000) -> SampleEvaluation:
    """An evaluation in which each feature is further from held-out music than the previous one."""
    features = {
        name: FeatureComparison(
            samples_mean=2.0 + index,
            samples_std=0.5,
            held_out_mean=1.5 + index,
            held_out_std=0.5,
            distance=0.25 + index,
        )
        for index, name in enumerate(FEATURES)
    }
    overlap = TrainingOverlap(
        samples=LengthSummary(median=9.0, p95=17.0, max=31),
        held_out=LengthSummary(median=8.0, p95=15.0, max=27),
    )
    return SampleEvaluation(
        num_pieces=count - 2,
        num_silent=1,
        bars=8,
        num_excerpts=212,
        features=features,
        training_overlap=overlap,
        job_id=JOB_ID,
        request=GenerationRequest(model="mini", count=count, seed=0),
        model_sha256="ab" * 32,
        num_failed=2,
    )


def an_evaluation(state: JobState = JobState.SUCCEEDED) -> Evaluation:
    return Evaluation(
        id=EVALUATION_ID,
        state=state,
        request=EvaluationRequest(job_id=JOB_ID),
        version="mini",
        model_sha256="ab" * 32,
        samples=a_sample_evaluation() if state is JobState.SUCCEEDED else None,
        error=JobError(code="x", detail="The worker crashed.")
        if state is JobState.FAILED
        else None,
        created_at=NOON,
    )


def step_event(seq: int, step: int, progress: float, *, epoch: str = "e") -> StepEvent:
    return StepEvent(
        epoch=epoch,
        seq=seq,
        at=1,
        step=step,
        tokens=1000,
        seconds=5.0,
        progress=progress,
        train_nats_per_token=1.25,
    )


def metrics_event(seq: int, metrics: TrainingMetrics, *, epoch: str = "e") -> MetricsEvent:
    return MetricsEvent(epoch=epoch, seq=seq, at=1, metrics=metrics)


def job_event(seq: int, state: JobState, *, epoch: str = "e") -> JobEvent:
    return JobEvent(epoch=epoch, seq=seq, at=1, state=state)


def notes_event(seq: int, *, bars: int, epoch: str = "e") -> NotesEvent:
    return NotesEvent(epoch=epoch, seq=seq, at=1, melody=0, first=0, notes=SCALE, bars=bars)


def melody_event(seq: int, *, epoch: str = "e") -> MelodyEvent:
    stats = MelodyStats.from_notes(SCALE).model_dump()
    return MelodyEvent(epoch=epoch, seq=seq, at=1, melody=0, id=MELODY_ID, **stats)


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
) -> ScriptedResponse:
    body = {"title": "Error", "status": status, "detail": detail, "code": code, **extra}
    return ScriptedResponse(
        body=json.dumps(body),
        status=status,
        media_type="application/problem+json",
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )
