"""The engine: one thread that owns the device and writes the sequences of everybody together.

Sequences join and leave between steps; models take turns, a step each. A model is known here as
long as something is written with it, so it may come and go. Everything else speaks to the engine
through `submit` and `cancel`, and hears of it through `on_output`. Refuses to know what a sequence
is for, and where its tokens go.
"""

import logging
import threading
from collections.abc import Callable, Collection, Hashable, Sequence

from services.worker.engine.model_executor import Lane
from services.worker.engine.model_runner import Runner
from services.worker.engine.stats import EngineStats, Tally
from services.worker.engine.interface import Output, SequenceRequest

log = logging.getLogger(__name__)


class Engine:
    """Runs from `start` to `stop`; may be spoken to from any thread."""

    def __init__(self, on_output: Callable[[Sequence[Output]], None], reserved: int = 8) -> None:
        """`on_output` is called on the engine's thread after a step, and must not block.

        `reserved` rows of every model are kept free for interactive sequences.
        """
        self._lanes: dict[Runner, Lane] = {}
        self._reserved = reserved
        self._tally = Tally()
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
        """Let these wait for their first step."""
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
        schedulers = [lane.scheduler for lane in list(self._lanes.values())]
        return self._tally.stats(
            running=sum(len(scheduler.running) for scheduler in schedulers),
            waiting=sum(scheduler.num_waiting for scheduler in schedulers),
        )

    def _run(self) -> None:
        while self._sleep_until_needed():
            self._take_in()
            self._lanes = {
                runner: lane for runner, lane in self._lanes.items() if lane.scheduler.has_work
            }
            for lane in self._lanes.values():
                self._tell(lane.step())

    def _sleep_until_needed(self) -> bool:
        """Wait for something to do; False once it is time to stop."""
        with self._changed:
            self._changed.wait_for(self._is_needed)
            return not self._stopping

    def _is_needed(self) -> bool:
        return bool(self._stopping or self._submitted or self._cancelled or self._lanes)

    def _take_in(self) -> None:
        """Hear what was submitted and cancelled since the last step."""
        with self._changed:
            submitted, self._submitted = self._submitted, []
            cancelled, self._cancelled = self._cancelled, set()
        outputs = [out for request in submitted for out in self._lane(request.runner).add(request)]
        if cancelled:
            outputs += [out for lane in self._lanes.values() for out in lane.cancel(cancelled)]
        self._tell(outputs)

    def _lane(self, runner: Runner) -> Lane:
        if runner not in self._lanes:
            lane = Lane(runner, self._reserved, self._tally)
            self._lanes = {**self._lanes, runner: lane}  # another thread may be counting them
        return self._lanes[runner]

    def _tell(self, outputs: list[Output]) -> None:
        if not outputs:
            return
        try:
            self._on_output(outputs)
        except Exception:
            log.exception("whoever listens to the engine failed; the engine goes on")
