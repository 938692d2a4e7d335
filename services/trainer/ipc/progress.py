"""Progress of a child's loops, as messages to its supervisor."""

from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from ostinato.schemas.jobs import StageProgress
from services.trainer.ipc.channel import SupervisorChannel
from services.trainer.ipc.messages import ProgressReport

T = TypeVar("T")

MAX_REPORTS = 20
"""Limit on the reports of one loop, besides the first, so that a stream of events stays short."""


class ProgressReporter:
    """Reports the progress of loops; `track` is a `Track` of the parsers and scorers."""

    def __init__(self, channel: SupervisorChannel) -> None:
        self._channel = channel

    def report(self, stage: str, progress: float = 0.0) -> None:
        """Report that a share of a stage is done."""
        self._channel.send(ProgressReport(progress=StageProgress(stage=stage, progress=progress)))

    def track(
        self, sequence: Iterable[T], description: str, total: float | None = None
    ) -> Iterator[T]:
        """Yield the items, and report the share of them that is done."""
        if total is None:
            total = len(sequence) if isinstance(sequence, Sized) else 0
        self.report(description)
        reported = 0
        for done, item in enumerate(sequence, start=1):
            yield item
            reports = int(MAX_REPORTS * min(done / total, 1.0)) if total else 0
            if reports > reported:
                reported = reports
                self.report(description, reports / MAX_REPORTS)
