"""A queue in which groups take turns, so that a long job does not hold up a short one.

Refuses to know what the sequences in it will do.
"""

from collections import deque
from collections.abc import Collection, Hashable

from services.worker.engine.sequence import Sequence


class FairQueue:
    """First in, first out within a group; one of each group in turn."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, deque[Sequence]] = {}
        self._length = 0  # counted, so that any thread may ask while this one changes the groups

    def __len__(self) -> int:
        return self._length

    def push(self, sequence: Sequence) -> None:
        """Put a sequence at the end of its group; a new group comes last."""
        self._groups.setdefault(sequence.request.group, deque()).append(sequence)
        self._length += 1

    def pop(self) -> Sequence:
        """Take the oldest of the group whose turn it is, and move that group to the end."""
        group = next(iter(self._groups))
        waiting = self._groups.pop(group)
        sequence = waiting.popleft()
        if waiting:
            self._groups[group] = waiting
        self._length -= 1
        return sequence

    def remove(self, ids: Collection[Hashable]) -> list[Sequence]:
        """Take out what has one of these ids."""
        everything = [sequence for waiting in self._groups.values() for sequence in waiting]
        self._groups, self._length = {}, 0
        for sequence in everything:
            if sequence.request.id not in ids:
                self.push(sequence)
        return [sequence for sequence in everything if sequence.request.id in ids]
