"""Who runs: which sequence gets which slot, and who waits. Holds no tensors.

Interactive sequences go before the others, which may take all slots but the reserved ones. The
lowest free slot is taken first, so that the rows of a step are few and without gaps.
"""

import heapq
from collections.abc import Collection, Hashable

from services.worker.engine.fair_queue import FairQueue
from services.worker.engine.sequence import Sequence

MAX_JOINS = 4
"""Sequences that may join a step: everybody waits while their prompts are taken in."""


class Scheduler:
    """The slots of one model, the sequences that hold them, and those that wait."""

    def __init__(self, slots: int, reserved: int) -> None:
        """`reserved` slots are kept for interactive sequences."""
        if reserved >= slots:
            raise ValueError(f"reserved: {reserved} of {slots} slots leaves none for the others")
        self.running: dict[int, Sequence] = {}
        self._free = list(range(slots))
        self._max_batch = slots - reserved
        self._interactive = FairQueue()
        self._batch = FairQueue()

    @property
    def num_waiting(self) -> int:
        """Sequences without a slot."""
        return len(self._interactive) + len(self._batch)

    @property
    def has_work(self) -> bool:
        """Somebody runs or waits."""
        return bool(self.running) or self.num_waiting > 0

    def add(self, sequence: Sequence) -> None:
        """Let a sequence wait for a slot."""
        (self._interactive if sequence.request.interactive else self._batch).push(sequence)

    def admit(self) -> None:
        """Give free slots to some of those who wait."""
        for _ in range(min(len(self._free), MAX_JOINS)):
            if queue := self._next_queue():
                self.running[heapq.heappop(self._free)] = queue.pop()

    def _next_queue(self) -> FairQueue | None:
        """Where the next to join waits; None if nobody who may join does."""
        if self._interactive:
            return self._interactive
        num_batch = sum(not sequence.request.interactive for sequence in self.running.values())
        return self._batch if self._batch and num_batch < self._max_batch else None

    def remove_finished(self) -> None:
        """Free the slots of those who will not go on."""
        for slot, sequence in list(self.running.items()):
            if sequence.finish is not None:
                del self.running[slot]
                heapq.heappush(self._free, slot)

    def cancel(self, ids: Collection[Hashable]) -> list[Sequence]:
        """Give up what has one of these ids, wherever it is; those that were."""
        cancelled = self._interactive.remove(ids) + self._batch.remove(ids)
        cancelled += [each for each in self.running.values() if each.request.id in ids]
        for sequence in cancelled:
            sequence.cancel()
        self.remove_finished()
        return cancelled
