"""Who runs: which sequence gets which row, and who waits. Holds no tensors.

Interactive sequences go before the others, which may take all rows but the reserved ones. Rows in
use are always the first, without gaps: where one ends, the last one moves in.
"""

from collections.abc import Collection, Hashable

from services.worker.engine.fair_queue import FairQueue
from services.worker.engine.sequence import Sequence

Move = tuple[int, int]
"""From which row to which."""


class Scheduler:
    """The rows of one model, the sequences that hold them, and those that wait."""

    def __init__(self, slots: int, reserved: int) -> None:
        """`reserved` of the `slots` rows are kept for interactive sequences."""
        if reserved >= slots:
            raise ValueError(f"reserved: {reserved} of {slots} slots leaves none for the others")
        self.running: list[Sequence] = []
        """By row."""
        self._slots = slots
        self._max_batch = slots - reserved
        self._interactive = FairQueue()
        self._batch = FairQueue()

    @property
    def num_waiting(self) -> int:
        """Sequences without a row."""
        return len(self._interactive) + len(self._batch)

    @property
    def has_work(self) -> bool:
        """Somebody runs or waits."""
        return bool(self.running) or self.num_waiting > 0

    def add(self, sequence: Sequence) -> None:
        """Let a sequence wait for a row."""
        (self._interactive if sequence.request.interactive else self._batch).push(sequence)

    def admit(self) -> None:
        """Give rows to some of those who wait."""
        for _ in range(self._slots - len(self.running)):
            if queue := self._next_queue():
                self.running.append(queue.pop())

    def cancel(self, ids: Collection[Hashable]) -> list[Sequence]:
        """Give up what has one of these ids, wherever it is; those that were."""
        cancelled = self._interactive.remove(ids) + self._batch.remove(ids)
        cancelled += [sequence for sequence in self.running if sequence.request.id in ids]
        for sequence in cancelled:
            sequence.cancel()
        return cancelled

    def remove_finished(self) -> list[Move]:
        """Free the rows of those who will not go on; who moved, in this order."""
        moves = []
        for row in reversed(range(len(self.running))):
            if self.running[row].finish is not None:
                last = self.running.pop()
                if row < len(self.running):
                    self.running[row] = last
                    moves.append((len(self.running), row))
        return moves

    def _next_queue(self) -> FairQueue | None:
        """Where the next to join waits; None if nobody who may join does."""
        if self._interactive:
            return self._interactive
        num_batch = sum(not sequence.request.interactive for sequence in self.running)
        return self._batch if self._batch and num_batch < self._max_batch else None
