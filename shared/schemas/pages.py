"""A page of a list: follow `next_cursor` until it is null."""

from typing import Generic, TypeVar

from shared.schemas.wire import Wire

T = TypeVar("T")


class Page(Wire, Generic[T]):
    """Newest first."""

    items: list[T]
    next_cursor: str | None = None
    """Opaque; pass it as `cursor`."""
