"""One model's part of the engine: its scheduler, its runner, and the step that they take together.

Refuses to know threads and other models.
"""

import logging
from collections.abc import Collection, Hashable

from services.worker.engine.model_runner import Runner
from services.worker.engine.scheduler import Scheduler
from services.worker.engine.sequence import Sequence, describe
from services.worker.engine.stats import Tally
from services.worker.engine.interface import FinishReason, Output, SequenceRequest

log = logging.getLogger(__name__)

Placed = tuple[int, Sequence]
"""A sequence and its row."""


class Lane:
    """Schedules, runs and reports, one step at a time; an error ends only whom it concerns."""

    def __init__(self, runner: Runner, reserved: int, tally: Tally) -> None:
        """`tally` is where it counts what it does."""
        self.scheduler = Scheduler(runner.slots, reserved)
        self._tally = tally
        self._runner = runner
        self._num_wards = 0

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
        """One more token for every sequence whose prompt is taken in, and more of the others'."""
        self.scheduler.admit()
        rows = list(self.scheduler.running)
        wards: dict[int, list[Placed]] = {}
        for row, sequence in enumerate(rows):
            sequence.begin_step()
            wards.setdefault(sequence.ward, []).append((row, sequence))
        for ward in wards.values():
            self._advance(ward)
        self._remove_finished()
        outputs = [sequence.report() for sequence in rows]
        self._count(rows, outputs)
        return [output for output in outputs if output.is_news]

    def _advance(self, ward: list[Placed]) -> None:
        """A step of these together. If that breaks, one of them may be why, but which?"""
        try:
            tokens = self._runner.step([(row, sequence.piece) for row, sequence in ward])
        except Exception as error:
            if len(ward) == 1:
                ward[0][1].fail(error)
                return
            log.exception("a step of %d broke; they begin anew in two halves", len(ward))
            self._separate(ward)
            return
        for (_, sequence), token in zip(ward, tokens, strict=True):
            if token is not None:
                with sequence.isolated():
                    sequence.accept(token)

    def _separate(self, ward: list[Placed]) -> None:
        """Halve a ward, until whoever breaks it is alone; who gets a token is above suspicion."""
        for half in (ward[::2], ward[1::2]):
            self._num_wards += 1
            for _, sequence in half:
                sequence.suspect(self._num_wards)

    def _remove_finished(self) -> None:
        for source, target in self.scheduler.remove_finished():
            self._runner.move(source, target)

    def _count(self, rows: list[Sequence], outputs: list[Output]) -> None:
        tally = self._tally
        tally.steps += 1
        tally.tokens += sum(len(output.tokens) for output in outputs)
        tally.rows_peak = max(tally.rows_peak, len(rows))
        tally.jobs_peak = max(tally.jobs_peak, len({each.request.job for each in rows}))
        tally.finished += sum(output.finish is not None for output in outputs)
