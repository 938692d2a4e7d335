"""A round-robin queue: a long job does not delay the jobs of other owners."""

from collections import deque
from collections.abc import Collection, Hashable, KeysView

from services.worker.engine.sequence import Sequence

JobQueues = dict[Hashable, deque[Sequence]]


class FairQueue:
    """Round-robin over owners, then over the jobs of an owner; first in, first out in a job."""

    def __init__(self) -> None:
        self._owners: dict[Hashable, JobQueues] = {}
        self._length = 0  # a counter, because other threads call len() while this one pushes

    def __len__(self) -> int:
        return self._length

    def push(self, sequence: Sequence) -> None:
        """Append a sequence to its job; a new job or owner goes to the end of the rotation."""
        request = sequence.request
        jobs = self._owners.setdefault(request.owner, {})
        jobs.setdefault(request.job, deque()).append(sequence)
        self._length += 1

    def push_front(self, sequence: Sequence) -> None:
        """Put a sequence before the others of its job, and its owner and job last."""
        request = sequence.request
        jobs = self._owners.setdefault(request.owner, {})
        jobs.setdefault(request.job, deque()).appendleft(sequence)
        self._length += 1

    @property
    def owners(self) -> KeysView[Hashable]:
        """The owners with a sequence, the next one first."""
        return self._owners.keys()

    def pop(self) -> Sequence:
        """Remove the oldest sequence of the next job; its job and owner go to the end."""
        return self.pop_of(next(iter(self._owners)))

    def pop_of(self, owner: Hashable) -> Sequence:
        """Remove the oldest sequence of an owner's next job; job and owner go to the end."""
        jobs = self._owners.pop(owner)
        job = next(iter(jobs))
        waiting = jobs.pop(job)
        sequence = waiting.popleft()
        if waiting:
            jobs[job] = waiting
        if jobs:
            self._owners[owner] = jobs
        self._length -= 1
        return sequence

    def remove(self, ids: Collection[Hashable]) -> list[Sequence]:
        """Remove and return the sequences with these ids."""
        sequences = [
            sequence
            for jobs in self._owners.values()
            for waiting in jobs.values()
            for sequence in waiting
        ]
        self._owners, self._length = {}, 0
        for sequence in sequences:
            if sequence.request.id not in ids:
                self.push(sequence)
        return [sequence for sequence in sequences if sequence.request.id in ids]
