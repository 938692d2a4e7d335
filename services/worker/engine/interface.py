"""The engine's inputs and outputs: requests, outputs and statistics."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum

from services.worker.engine.model_runner import ModelRunner
from shared.models.sampling_params import GenerationSpec

FILL_CLASSES = 10
"""Classes of decode steps, by the part of the slots that have a sequence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRequest:
    """One sequence to generate."""

    id: Hashable
    """Chosen by the caller; every output of the sequence carries it."""
    runner: ModelRunner
    """The model to generate with."""
    spec: GenerationSpec
    is_interactive: bool
    """Whether it is scheduled before all batch sequences, because a client streams it."""
    owner: Hashable
    """User who submitted the job; the owners take turns in the queue."""
    job: Hashable
    """Job of the sequence; the jobs of an owner take turns in the queue."""


class FinishReason(StrEnum):
    """Why a sequence gets no more tokens."""

    COMPLETE = "complete"
    """All bars were generated."""
    CANCELLED = "cancelled"
    """The caller cancelled it."""
    ERROR = "error"
    """It failed; see `EngineOutput.error`."""
    DEVICE_ERROR = "device_error"
    """The device or the memory failed, which says nothing about the sequence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOutput:
    """What changed in a sequence since its previous output."""

    id: Hashable
    tokens: tuple[int, ...]
    """Tokens generated since the previous output."""
    finish_reason: FinishReason | None
    """None while the sequence is running."""
    error: str | None
    elapsed_seconds: float
    """Seconds since the first step of the sequence."""

    @property
    def has_update(self) -> bool:
        """Whether anything changed; a step that only prefills a prompt changes nothing."""
        return bool(self.tokens) or self.finish_reason is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStats:
    """Counters over all models since the engine started, and its current load."""

    steps: int
    tokens: int
    peak_batch_size: int
    """Largest number of sequences in one step."""
    peak_jobs_per_batch: int
    """Largest number of jobs with a sequence in one step."""
    running: int
    waiting: int
    finished: int
    preempted: int = 0
    """Times that a sequence gave up its slot to another owner."""
    steps_by_fill: tuple[int, ...] = (0,) * FILL_CLASSES
    """Steps by the part of the slots that had a sequence: up to a tenth, up to two tenths, ..."""
    fill_sum: float = 0.0
    """The sum of these parts over all steps."""


@dataclass(slots=True, kw_only=True)
class EngineCounters:
    """The counters of one engine; only the engine's thread writes them."""

    steps: int = 0
    tokens: int = 0
    peak_batch_size: int = 0
    peak_jobs_per_batch: int = 0
    finished: int = 0
    preempted: int = 0
    steps_by_fill: list[int] = field(default_factory=lambda: [0] * FILL_CLASSES)
    fill_sum: float = 0.0

    def count_fill(self, num_running: int, num_slots: int) -> None:
        """Count a step in which so many slots had a sequence."""
        if num_running:
            self.steps_by_fill[-(-num_running * FILL_CLASSES // num_slots) - 1] += 1
            self.fill_sum += num_running / num_slots

    def stats(self, *, running: int, waiting: int) -> EngineStats:
        """A snapshot of the counters together with the current load."""
        return EngineStats(
            steps=self.steps,
            tokens=self.tokens,
            peak_batch_size=self.peak_batch_size,
            peak_jobs_per_batch=self.peak_jobs_per_batch,
            running=running,
            waiting=waiting,
            finished=self.finished,
            preempted=self.preempted,
            steps_by_fill=tuple(self.steps_by_fill),
            fill_sum=self.fill_sum,
        )
