"""The engine: one thread that owns the device and generates all sequences.

Sequences join and leave the batch between steps (continuous batching). Models take turns, one step
each. The engine holds a model only while one of its sequences is unfinished, so models can be
replaced while it runs. Other threads call `submit` and `cancel`; the engine passes its outputs
to `on_output`.
"""

import logging
import threading
from collections.abc import Callable, Collection, Hashable, Sequence

from services.worker.engine.interface import (
    EngineCounters,
    EngineOutput,
    EngineRequest,
    EngineStats,
)
from services.worker.engine.model_executor import ModelExecutor
from services.worker.engine.model_runner import ModelRunner

log = logging.getLogger(__name__)


class Engine:
    """Runs from `start` to `stop`; its methods are thread-safe."""

    def __init__(
        self,
        on_output: Callable[[Sequence[EngineOutput]], None],
        reserved_interactive_seqs: int = 8,
    ) -> None:
        """`on_output` is called on the engine's thread after a step and must not block.

        `reserved_interactive_seqs` slots of every model are reserved for interactive sequences.
        """
        self._executors: dict[ModelRunner, ModelExecutor] = {}
        self._reserved_interactive_seqs = reserved_interactive_seqs
        self._counters = EngineCounters()
        self._on_output = on_output
        self._changed = threading.Condition()
        self._submitted: list[EngineRequest] = []
        self._cancelled: set[Hashable] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish the current step and stop; unfinished sequences get no further output."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def submit(self, requests: Sequence[EngineRequest]) -> None:
        """Queue these requests."""
        with self._changed:
            self._submitted += requests
            self._changed.notify()

    def cancel(self, ids: Collection[Hashable]) -> None:
        """Cancel these sequences before the next step; ids of finished ones are ignored."""
        with self._changed:
            self._cancelled.update(ids)
            self._changed.notify()

    def stats(self) -> EngineStats:
        """A snapshot of the counters and the current load."""
        schedulers = [executor.scheduler for executor in list(self._executors.values())]
        return self._counters.stats(
            running=sum(len(scheduler.running) for scheduler in schedulers),
            waiting=sum(scheduler.num_waiting for scheduler in schedulers),
        )

    def _run(self) -> None:
        while self._wait_for_work():
            self._receive_requests()
            self._executors = {
                runner: executor
                for runner, executor in self._executors.items()
                if executor.scheduler.has_work
            }
            for executor in self._executors.values():
                self._emit(executor.step())

    def _wait_for_work(self) -> bool:
        """Block until there is something to do; False when the engine has to stop."""
        with self._changed:
            self._changed.wait_for(self._has_work)
            return not self._stopping

    def _has_work(self) -> bool:
        return bool(self._stopping or self._submitted or self._cancelled or self._executors)

    def _receive_requests(self) -> None:
        """Process everything that was submitted and cancelled since the previous step."""
        with self._changed:
            submitted, self._submitted = self._submitted, []
            cancelled, self._cancelled = self._cancelled, set()
        outputs = [
            output
            for request in submitted
            for output in self._executor(request.runner).add(request)
        ]
        if cancelled:
            for executor in self._executors.values():
                outputs += executor.cancel(cancelled)
        self._emit(outputs)

    def _executor(self, runner: ModelRunner) -> ModelExecutor:
        if runner not in self._executors:
            executor = ModelExecutor(runner, self._reserved_interactive_seqs, self._counters)
            # A new dictionary, because another thread may be iterating over the old one in `stats`.
            self._executors = {**self._executors, runner: executor}
        return self._executors[runner]

    def _emit(self, outputs: list[EngineOutput]) -> None:
        if not outputs:
            return
        try:
            self._on_output(outputs)
        except Exception:
            log.exception("The engine's output callback failed; the engine continues.")
