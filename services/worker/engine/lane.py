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

    def __init__(self, runner: Runner, reserved: int) -> None:
        self.scheduler = Scheduler(runner.slots, reserved)
        self.tally = Tally()
        self._runner = runner

    def add(self, request: SequenceRequest) -> list[Output]:
        """Let a request wait for a slot; reports it at once if it cannot even begin."""
        try:
            piece = self._runner.begin(request.sample)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, it is wrong with this one
            self.tally.finished += 1
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
        self.tally.finished += len(cancelled)
        return [sequence.report() for sequence in cancelled]

    def step(self) -> list[Output]:
        """One more token for every sequence that runs."""
        self.scheduler.admit()
        rows = dict(self.scheduler.running)
        self._run(rows)
        self.scheduler.remove_finished()
        self._count(rows.values())
        return [sequence.report() for sequence in rows.values()]

    def _run(self, rows: dict[int, Sequence]) -> None:
        for slot, sequence in rows.items():
            sequence.begin_step()
            with sequence.isolated():
                self._runner.prefill(slot, sequence.piece)
        alive = {slot: sequence for slot, sequence in rows.items() if sequence.finish is None}
        for slot, token in self._draw(alive).items():
            with alive[slot].isolated():
                alive[slot].accept(token)

    def _draw(self, alive: dict[int, Sequence]) -> dict[int, int]:
        """The next token of each; if that fails, it fails for all of them."""
        if not alive:
            return {}
        try:
            return self._runner.step({slot: sequence.piece for slot, sequence in alive.items()})
        except Exception as error:  # noqa: BLE001 - the thread must live
            for sequence in alive.values():
                sequence.fail(error)
            return {}

    def _count(self, rows: Collection[Sequence]) -> None:
        tally = self.tally
        tally.steps += 1
        tally.tokens += sum(sequence.finish is None for sequence in rows)
        tally.rows_peak = max(tally.rows_peak, len(rows))
        tally.groups_peak = max(tally.groups_peak, len({each.request.group for each in rows}))
        tally.finished += sum(sequence.finish is not None for sequence in rows)
