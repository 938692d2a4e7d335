"""The scheduler and the runner of one model, and the step that combines them."""

import logging
from collections.abc import Collection, Hashable

from services.worker.engine.interface import (
    EngineCounters,
    EngineOutput,
    EngineRequest,
)
from services.worker.engine.model_runner import ModelRunner
from services.worker.engine.scheduler import Scheduler
from services.worker.engine.sequence import Sequence, describe_error, failure_of

log = logging.getLogger(__name__)

ScheduledSequence = tuple[int, Sequence]
"""A slot and the sequence in it."""


class ModelExecutor:
    """Schedules and runs sequences step by step; an error ends only the sequence that caused it."""

    def __init__(
        self, runner: ModelRunner, reserved_interactive_seqs: int, counters: EngineCounters
    ) -> None:
        self.scheduler = Scheduler(runner.max_num_seqs, reserved_interactive_seqs)
        self._counters = counters
        self._runner = runner
        self._next_group = 0

    def add(self, request: EngineRequest) -> list[EngineOutput]:
        """Queue a request; returns an error output at once if the request is invalid."""
        try:
            decoding = self._runner.init_decoding(request.spec)
        except Exception as error:  # noqa: BLE001 - an invalid request must not affect the others
            self._counters.finished += 1
            return [
                EngineOutput(
                    id=request.id,
                    tokens=(),
                    finish_reason=failure_of(error),
                    error=describe_error(error),
                    elapsed_seconds=0.0,
                )
            ]
        self.scheduler.add(Sequence(request, decoding))
        return []

    def cancel(self, ids: Collection[Hashable]) -> list[EngineOutput]:
        """Cancel the sequences with these ids."""
        cancelled = self.scheduler.cancel(ids)
        self._remove_finished()
        self._counters.finished += len(cancelled)
        return [sequence.take_output() for sequence in cancelled]

    def step(self) -> list[EngineOutput]:
        """Generate one token for every prefilled sequence; prefill chunks of the other prompts."""
        self._counters.preempted += self.scheduler.admit()
        running = list(self.scheduler.running)
        groups: dict[int, list[ScheduledSequence]] = {}
        for slot, sequence in enumerate(running):
            sequence.mark_started()
            groups.setdefault(sequence.group, []).append((slot, sequence))
        for group in groups.values():
            self._run_group(group)
        self._remove_finished()
        outputs = [sequence.take_output() for sequence in running]
        self._update_counters(running, outputs)
        return [output for output in outputs if output.has_update]

    def _run_group(self, group: list[ScheduledSequence]) -> None:
        """Run one step of a group; if it fails, find the faulty sequence by bisection."""
        try:
            tokens = self._runner.step([(slot, sequence.decoding) for slot, sequence in group])
        except Exception as error:
            if len(group) == 1:
                group[0][1].fail(error)
                return
            log.exception(
                "A step of %d sequences failed; they are recomputed in two halves.", len(group)
            )
            self._bisect(group)
            return
        for (_, sequence), token in zip(group, tokens, strict=True):
            if token is not None:
                with sequence.catching_errors():
                    sequence.accept(token)

    def _bisect(self, group: list[ScheduledSequence]) -> None:
        """Halve a group that failed; a sequence rejoins the shared group after its next token."""
        for half in (group[::2], group[1::2]):
            self._next_group += 1
            for _, sequence in half:
                sequence.assign_group(self._next_group)

    def _remove_finished(self) -> None:
        for source, target in self.scheduler.remove_finished():
            self._runner.move(source, target)

    def _update_counters(self, running: list[Sequence], outputs: list[EngineOutput]) -> None:
        counters = self._counters
        jobs = {sequence.request.job for sequence in running}
        counters.steps += 1
        counters.count_fill(len(running), self._runner.max_num_seqs)
        counters.tokens += sum(len(output.tokens) for output in outputs)
        counters.peak_batch_size = max(counters.peak_batch_size, len(running))
        counters.peak_jobs_per_batch = max(counters.peak_jobs_per_batch, len(jobs))
        counters.finished += sum(output.finish_reason is not None for output in outputs)
