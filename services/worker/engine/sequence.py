"""One sequence in the engine: its decoding state and unemitted tokens."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.worker.engine.device_errors import is_device_error
from services.worker.engine.interface import EngineOutput, EngineRequest, FinishReason
from shared.models.decoding import DecodingState

SHARED_GROUP = 0
"""The group of all sequences that are not suspected of having failed a step."""


class Sequence:
    """A request in progress; it has finished once `finish_reason` is set."""

    def __init__(self, request: EngineRequest, decoding: DecodingState) -> None:
        self.request = request
        self.decoding = decoding
        self.finish_reason: FinishReason | None = None
        self.group = SHARED_GROUP
        """Number of its group; the sequences of one group run in one forward pass."""
        self._error: str | None = None
        self._tokens: list[int] = []
        self._first_step: float | None = None

    def accept(self, token: int) -> None:
        """Append a sampled token, unless it ends a gap or the melody."""
        self.group = SHARED_GROUP
        if self.decoding.accept(token):
            self._tokens.append(token)
        if self.decoding.finished:
            self.finish_reason = FinishReason.COMPLETE

    def mark_started(self) -> None:
        """Record the time of the first step."""
        self._first_step = self._first_step or time.perf_counter()

    def assign_group(self, group: int) -> None:
        """Join a group, and recompute the context from its beginning."""
        self.group = group
        self.decoding.invalidate()

    def preempt(self) -> None:
        """Give up the slot; the context is recomputed in the next one."""
        self.group = SHARED_GROUP
        self.decoding.invalidate()

    def cancel(self) -> None:
        """Finish as cancelled."""
        self.finish_reason = FinishReason.CANCELLED

    def fail(self, error: Exception) -> None:
        """Finish with an error."""
        self.finish_reason = failure_of(error)
        self._error = describe_error(error)

    @contextmanager
    def catching_errors(self) -> Iterator[None]:
        """Catch any error in the block and fail this sequence with it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the other sequences must continue
            self.fail(error)

    def take_output(self) -> EngineOutput:
        """The output since the previous call."""
        tokens, self._tokens = tuple(self._tokens), []
        elapsed = time.perf_counter() - self._first_step if self._first_step else 0.0
        return EngineOutput(
            id=self.request.id,
            tokens=tokens,
            finish_reason=self.finish_reason,
            error=self._error,
            elapsed_seconds=elapsed,
        )


def failure_of(error: Exception) -> FinishReason:
    """How a sequence ends that meets an error."""
    return FinishReason.DEVICE_ERROR if is_device_error(error) else FinishReason.ERROR


def describe_error(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"
