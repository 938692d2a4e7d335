"""The engine: one thread that owns the device and writes the sequences of everybody together.

Sequences join and leave between steps; models take turns, a step each. Everything else speaks to it
through `submit` and `cancel`, and hears of it through `on_output`. Refuses to know what a sequence
is for, and where its tokens go.
"""

import logging
import threading
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

from services.worker.engine.lane import Lane
from services.worker.engine.request import Output, SequenceRequest
from services.worker.engine.runner import Runner
from services.worker.engine.stats import EngineStats

log = logging.getLogger(__name__)


class Engine:
    """Runs from `start` to `stop`; may be spoken to from any thread."""

    def __init__(
        self,
        runners: Mapping[str, Runner],
        on_output: Callable[[Sequence[Output]], None],
        reserved: int = 8,
    ) -> None:
        """`on_output` is called on the engine's thread after a step, and must not block."""
        self._lanes = {name: Lane(runner, reserved) for name, runner in runners.items()}
        self._on_output = on_output
        self._changed = threading.Condition()
        self._submitted: list[SequenceRequest] = []
        self._cancelled: set[Hashable] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish the step at hand and end; what was not written is not reported."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def submit(self, requests: Sequence[SequenceRequest]) -> None:
        """Let these wait for their first step; KeyError if a model is not one of the runners."""
        for request in requests:
            self._lanes[request.model]
        with self._changed:
            self._submitted += requests
            self._changed.notify()

    def cancel(self, ids: Collection[Hashable]) -> None:
        """Give these up before the next step; ids of what is finished are passed over."""
        with self._changed:
            self._cancelled.update(ids)
            self._changed.notify()

    def stats(self) -> EngineStats:
        """What was done so far."""
        tallies = [lane.tally for lane in self._lanes.values()]
        schedulers = [lane.scheduler for lane in self._lanes.values()]
        return EngineStats(
            steps=sum(tally.steps for tally in tallies),
            tokens=sum(tally.tokens for tally in tallies),
            rows_peak=max(tally.rows_peak for tally in tallies),
            groups_peak=max(tally.groups_peak for tally in tallies),
            running=sum(len(scheduler.running) for scheduler in schedulers),
            waiting=sum(scheduler.num_waiting for scheduler in schedulers),
            finished=sum(tally.finished for tally in tallies),
        )

    def _run(self) -> None:
        while self._sleep_until_needed():
            self._take_in()
            for lane in self._lanes.values():
                if lane.scheduler.has_work:
                    self._tell(lane.step())

    def _sleep_until_needed(self) -> bool:
        """Wait for something to do; False once it is time to stop."""
        with self._changed:
            self._changed.wait_for(self._is_needed)
            return not self._stopping

    def _is_needed(self) -> bool:
        news = self._stopping or self._submitted or self._cancelled
        return bool(news) or any(lane.scheduler.has_work for lane in self._lanes.values())

    def _take_in(self) -> None:
        """Hear what was submitted and cancelled since the last step."""
        with self._changed:
            submitted, self._submitted = self._submitted, []
            cancelled, self._cancelled = self._cancelled, set()
        outputs = [out for request in submitted for out in self._lanes[request.model].add(request)]
        if cancelled:
            outputs += [out for lane in self._lanes.values() for out in lane.cancel(cancelled)]
        self._tell(outputs)

    def _tell(self, outputs: list[Output]) -> None:
        if not outputs:
            return
        try:
            self._on_output(outputs)
        except Exception:
            log.exception("whoever listens to the engine failed; the engine goes on")
