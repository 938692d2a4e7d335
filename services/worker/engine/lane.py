"""One model's part of the engine: its scheduler, its runner, and the step that they take together.

Refuses to know threads and other models.
"""

from collections.abc import Collection, Hashable

from services.worker.engine.request import FinishReason, Output, SequenceRequest
from services.worker.engine.runner import Runner
from services.worker.engine.scheduler import Scheduler
from services.worker.engine.sequence import Sequence, describe
from services.worker.engine.stats import Tally


class Lane:
    """Schedules, runs and reports, one step at a time; an error ends only whom it concerns."""

    def __init__(self, runner: Runner, reserved: int, tally: Tally) -> None:
        """`tally` is where it counts what it does."""
        self.scheduler = Scheduler(runner.slots, reserved)
        self._tally = tally
        self._runner = runner

    def add(self, request: SequenceRequest) -> list[Output]:
        """Let a request wait for a slot; reports it at once if it cannot even begin."""
        try:
            piece = self._runner.begin(request.sample)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, it is wrong with this one
            self._tally.finished += 1
            return [
                Output(
                    id=request.id,
                    tokens=(),
                    finish=FinishReason.ERROR,
                    error=describe(error),
                    seconds=0.0,
                )
            ]
        self.scheduler.add(Sequence(request, piece))
        return []

    def cancel(self, ids: Collection[Hashable]) -> list[Output]:
        """Give up what has one of these ids."""
        cancelled = self.scheduler.cancel(ids)
        self._remove_finished()
        self._tally.finished += len(cancelled)
        return [sequence.report() for sequence in cancelled]

    def step(self) -> list[Output]:
        """One more token for every sequence that runs."""
        self.scheduler.admit()
        rows = list(self.scheduler.running)
        self._prefill(rows)
        self._remove_finished()
        self._draw()
        self._remove_finished()
        self._count(rows)
        return [sequence.report() for sequence in rows]

    def _prefill(self, rows: list[Sequence]) -> None:
        for row, sequence in enumerate(rows):
            sequence.begin_step()
            with sequence.isolated():
                self._runner.prefill(row, sequence.piece)

    def _draw(self) -> None:
        """The next token of everybody; if that fails, it fails for all of them."""
        rows = self.scheduler.running
        if not rows:
            return
        try:
            tokens = self._runner.step([sequence.piece for sequence in rows])
        except Exception as error:  # noqa: BLE001 - the thread must live
            for sequence in rows:
                sequence.fail(error)
            return
        for sequence, token in zip(rows, tokens, strict=True):
            with sequence.isolated():
                sequence.accept(token)

    def _remove_finished(self) -> None:
        for source, target in self.scheduler.remove_finished():
            self._runner.move(source, target)

    def _count(self, rows: list[Sequence]) -> None:
        tally = self._tally
        tally.steps += 1
        tally.tokens += sum(sequence.finish is None for sequence in rows)
        tally.rows_peak = max(tally.rows_peak, len(rows))
        tally.groups_peak = max(tally.groups_peak, len({each.request.group for each in rows}))
        tally.finished += sum(sequence.finish is not None for sequence in rows)
