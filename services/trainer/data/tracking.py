"""How loops over data report their progress."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Track(Protocol):
    """Yields the items of a loop, and reports how many are done; `rich.progress.track` is one."""

    def __call__(
        self, sequence: Iterable[T], description: str, total: float | None = None
    ) -> Iterable[T]:
        """Yield the items; `total` is their number, which is needed if they have no length."""
