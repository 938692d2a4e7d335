"""A queue in which everybody takes turns, so that nobody's long job holds up anybody's short one.

Refuses to know what the sequences in it will do.
"""

from collections import deque
from collections.abc import Collection, Hashable

from services.worker.engine.sequence import Sequence

Jobs = dict[Hashable, deque[Sequence]]


class FairQueue:
    """Owners take turns, then the jobs of an owner; first in, first out within a job."""

    def __init__(self) -> None:
        self._owners: dict[Hashable, Jobs] = {}
        self._length = 0  # counted, so that any thread may ask while this one changes the rest

    def __len__(self) -> int:
        return self._length

    def push(self, sequence: Sequence) -> None:
        """Put a sequence at the end of its job; a new job, or owner, comes last."""
        request = sequence.request
        jobs = self._owners.setdefault(request.owner, {})
        jobs.setdefault(request.job, deque()).append(sequence)
        self._length += 1

    def pop(self) -> Sequence:
        """Take the oldest of the job whose turn it is; the job and its owner go to the end."""
        owner = next(iter(self._owners))
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
        """Take out what has one of these ids."""
        everything = [
            sequence
            for jobs in self._owners.values()
            for waiting in jobs.values()
            for sequence in waiting
        ]
        self._owners, self._length = {}, 0
        for sequence in everything:
            if sequence.request.id not in ids:
                self.push(sequence)
        return [sequence for sequence in everything if sequence.request.id in ids]
