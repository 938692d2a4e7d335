"""What the engine is asked for, and what it says back; refuses to know jobs, shards and notes."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

from services.worker.engine.model_runner import Runner
from shared.models.sampling_params import SampleRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRequest:
    """One sequence to write."""

    id: Hashable
    """The caller's; it comes back with every output."""
    runner: Runner
    """What writes it."""
    sample: SampleRequest
    interactive: bool
    """Somebody is listening: it goes first."""
    owner: Hashable
    """Whoever asked: owners take turns."""
    job: Hashable
    """What it was asked with; the jobs of an owner take turns."""


class FinishReason(StrEnum):
    """Why a sequence gets no more tokens."""

    COMPLETE = "complete"
    """It has all its bars."""
    CANCELLED = "cancelled"
    """The caller gave it up."""
    ERROR = "error"
    """It failed; the output says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What became of a sequence since its last output."""

    id: Hashable
    tokens: tuple[int, ...]
    """New ones."""
    finish: FinishReason | None
    """None while it goes on."""
    error: str | None
    seconds: float
    """Since its first step."""

    @property
    def is_news(self) -> bool:
        """Whether it says anything: a prompt that is taken in yields nothing yet."""
        return bool(self.tokens) or self.finish is not None
