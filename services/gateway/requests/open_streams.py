"""Limits the open event streams of each owner, in each gateway process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import TooManyStreams

RETRY_AFTER_SECONDS = 5


class OpenStreams:
    """The number of open streams by owner."""

    def __init__(self, max_per_owner: int) -> None:
        self._max_per_owner = max_per_owner
        self._counts: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """The number of open streams of all owners."""
        return self._counts.total()

    @contextmanager
    def hold(self, owner: str) -> Iterator[None]:
        """Count one stream of the owner for the duration of the block.

        Raises:
            TooManyStreams: the owner has as many open streams as one owner may have.
        """
        if self._counts[owner] >= self._max_per_owner:
            raise TooManyStreams(
                f"You have {self._max_per_owner} open event streams, the most that is allowed; "
                "close one, or poll the job.",
                retry_after=RETRY_AFTER_SECONDS,
            )
        self._counts[owner] += 1
        try:
            yield
        finally:
            self._counts[owner] -= 1
            if not self._counts[owner]:
                del self._counts[owner]
