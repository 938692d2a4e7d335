"""One sequence in the engine: the piece that it writes, and what of it was not reported yet.

Refuses to know its row and its neighbours.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.worker.engine.interface import FinishReason, Output, SequenceRequest
from shared.models.decoding import Piece

HEALTHY = 0
"""The ward of those that nothing is held against."""


class Sequence:
    """A request on its way; it is alive until `finish` says why it is not."""

    def __init__(self, request: SequenceRequest, piece: Piece) -> None:
        self.request = request
        self.piece = piece
        self.finish: FinishReason | None = None
        self.ward = HEALTHY
        self._error: str | None = None
        self._tokens: list[int] = []
        self._first_step: float | None = None

    def accept(self, token: int) -> None:
        """Write the token drawn for this sequence, or see that the piece is complete."""
        self.ward = HEALTHY
        self.piece.accept(token)
        if self.piece.finished:
            self.finish = FinishReason.COMPLETE
        else:
            self._tokens.append(token)

    def begin_step(self) -> None:
        """Note the time, if it is the first."""
        self._first_step = self._first_step or time.perf_counter()

    def suspect(self, ward: int) -> None:
        """Begin anew what the model has seen, in the company of this ward's sequences only."""
        self.ward = ward
        self.piece.forget()

    def cancel(self) -> None:
        """Give it up."""
        self.finish = FinishReason.CANCELLED

    def fail(self, error: Exception) -> None:
        """End it with an error."""
        self.finish = FinishReason.ERROR
        self._error = describe(error)

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """Whatever goes wrong inside ends this sequence and nothing else."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the neighbours must live
            self.fail(error)

    def report(self) -> Output:
        """What is new since the last report."""
        tokens, self._tokens = tuple(self._tokens), []
        seconds = time.perf_counter() - self._first_step if self._first_step else 0.0
        return Output(
            id=self.request.id,
            tokens=tokens,
            finish=self.finish,
            error=self._error,
            seconds=seconds,
        )


def describe(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"
