"""The state of a run apart from its tensors: budget, progress and learning curve."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

LAST_CHECKPOINT, BEST_CHECKPOINT = "last.checkpoint", "best.checkpoint"
"""The files of a run: its latest state, and the weights of its best validation."""


class StopReason(StrEnum):
    """Why a run is finished."""

    BUDGET_SPENT = "budget spent"
    EARLY_STOPPING = "early stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationPoint:
    """One validation: a point of the learning curve."""

    step: int
    tokens: int
    seconds: float
    train_nats_per_token: float
    """Mean training loss of the steps since the previous validation."""
    held_out_nats_per_note: float
    averaged_nats_per_note: float | None = None
    """The same with the moving average of the weights, if the run has one."""
    preview_notes: Sequence[tuple[int, ...]] = ()
    """Notes that the model generated at this validation."""

    @property
    def best_nats_per_note(self) -> float:
        """The lower one of the weights and of their average."""
        nats, averaged = self.held_out_nats_per_note, self.averaged_nats_per_note
        return nats if averaged is None else min(nats, averaged)


@dataclass(slots=True, kw_only=True)
class TrainerState:
    """The state of a run apart from its tensors."""

    commit: str
    """Commit of the code that started the run."""
    minutes: float | None = None
    """The time budget, if the run has one instead of the recipe's steps."""
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    losses_since_validation: list[float] = field(default_factory=list)
    """Training loss of each step since the last validation."""
    validations: list[ValidationPoint] = field(default_factory=list)
    stop_reason: StopReason | None = None

    @property
    def best(self) -> ValidationPoint:
        """The validation with the lowest held-out loss."""
        return min(self.validations, key=lambda point: point.best_nats_per_note)

    def to_json(self) -> dict[str, Any]:
        """The state as a checkpoint stores it."""
        return asdict(self) | {"stop_reason": self.stop_reason and str(self.stop_reason)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "TrainerState":
        """The state from what `to_json` returned."""
        validations = [ValidationPoint(**point) for point in content["validations"]]
        stop_reason = content["stop_reason"] and StopReason(content["stop_reason"])
        return cls(**(content | {"validations": validations, "stop_reason": stop_reason}))
