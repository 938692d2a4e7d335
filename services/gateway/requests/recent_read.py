"""A value that many requests need, read from PostgreSQL once a second at most."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

MAX_AGE_SECONDS = 1.0

T = TypeVar("T")


class RecentRead(Generic[T]):
    """The result of the last read; a change is seen after a second."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._read_at = -MAX_AGE_SECONDS
        self._value: T | None = None

    async def get(self) -> T:
        """The value, at most `MAX_AGE_SECONDS` old.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if self._value is not None and time.monotonic() - self._read_at < MAX_AGE_SECONDS:
            return self._value
        return await self.refresh()

    async def refresh(self) -> T:
        """The current value.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        requested_at = time.monotonic()
        async with self._lock:  # requests that wait for the same answer share it
            if self._value is None or self._read_at < requested_at:
                read_at = time.monotonic()
                self._value = await self._read()
                self._read_at = read_at
        return self._value
