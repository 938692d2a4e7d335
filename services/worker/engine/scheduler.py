"""Assigns slots to sequences; holds no tensors.

Interactive sequences go first; batch sequences may use all slots but the reserved ones. The used
slots are always the first ones, without gaps: the last sequence moves into a slot that is freed.

Without a free slot, an interactive sequence preempts one of the owner with the most interactive
sequences, so that no owner occupies all slots with long melodies. The preempted sequence waits, and
is then recomputed from its tokens (preemption by recomputation: Kwon et al. 2023).
"""

from collections import Counter
from collections.abc import Collection, Hashable

from services.worker.engine.fair_queue import FairQueue
from services.worker.engine.sequence import Sequence

SlotMove = tuple[int, int]
"""Source and target slot."""


class Scheduler:
    """The slots of one model, the sequences in them, and the waiting sequences."""

    def __init__(self, max_num_seqs: int, reserved_interactive_seqs: int) -> None:
        """`reserved_interactive_seqs` of the `max_num_seqs` slots are for interactive sequences."""
        if reserved_interactive_seqs >= max_num_seqs:
            raise ValueError(
                f"reserved_interactive_seqs: {reserved_interactive_seqs} of {max_num_seqs} slots "
                "leave none for batch sequences"
            )
        self.running: list[Sequence] = []
        """The sequences with a slot; the index is the slot."""
        self._max_num_seqs = max_num_seqs
        self._max_batch_seqs = max_num_seqs - reserved_interactive_seqs
        self._interactive = FairQueue()
        self._batch = FairQueue()

    @property
    def num_waiting(self) -> int:
        """Number of sequences without a slot."""
        return len(self._interactive) + len(self._batch)

    @property
    def has_work(self) -> bool:
        """Whether any sequence is running or waiting."""
        return bool(self.running) or self.num_waiting > 0

    def add(self, sequence: Sequence) -> None:
        """Queue a sequence."""
        (self._interactive if sequence.request.is_interactive else self._batch).push(sequence)

    def admit(self) -> int:
        """Assign free slots to waiting sequences; returns how many sequences were preempted."""
        num_preempted = 0
        for _ in range(self._max_num_seqs - len(self.running)):
            if queue := self._next_queue():
                self.running.append(queue.pop())
        while (exchange := self._next_exchange()) is not None:
            slot, owner = exchange
            preempted, self.running[slot] = self.running[slot], self._interactive.pop_of(owner)
            preempted.preempt()
            self._interactive.push_front(preempted)
            num_preempted += 1
        return num_preempted

    def cancel(self, ids: Collection[Hashable]) -> list[Sequence]:
        """Cancel and return the waiting and running sequences with these ids."""
        cancelled = self._interactive.remove(ids) + self._batch.remove(ids)
        cancelled += [sequence for sequence in self.running if sequence.request.id in ids]
        for sequence in cancelled:
            sequence.cancel()
        return cancelled

    def remove_finished(self) -> list[SlotMove]:
        """Free the slots of finished sequences; returns the moves to make, in this order."""
        moves = []
        for slot in reversed(range(len(self.running))):
            if self.running[slot].finish_reason is not None:
                last = self.running.pop()
                if slot < len(self.running):
                    self.running[slot] = last
                    moves.append((len(self.running), slot))
        return moves

    def _next_exchange(self) -> tuple[int, Hashable] | None:
        """A slot to take away, and the owner who gets it; None if the shares are equal.

        The owner with the fewest interactive sequences gets the slot of the shortest one of the
        owner with the most.
        """
        if len(self.running) < self._max_num_seqs or not self._interactive:
            return None
        slots = {
            slot: sequence
            for slot, sequence in enumerate(self.running)
            if sequence.request.is_interactive
        }
        counts = Counter(sequence.request.owner for sequence in slots.values())
        fewest = min(self._interactive.owners, key=counts.__getitem__)
        if not counts or counts.most_common(1)[0][1] < counts[fewest] + 2:
            return None
        most = counts.most_common(1)[0][0]
        candidates = [slot for slot in slots if slots[slot].request.owner == most]
        return min(candidates, key=lambda slot: slots[slot].decoding.position), fewest

    def _next_queue(self) -> FairQueue | None:
        """The queue to admit from; None if no waiting sequence may run."""
        if self._interactive:
            return self._interactive
        num_batch = sum(not sequence.request.is_interactive for sequence in self.running)
        return self._batch if self._batch and num_batch < self._max_batch_seqs else None
