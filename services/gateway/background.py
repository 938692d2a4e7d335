"""What the gateway does after it has answered; failing at it loses nothing, so it may fail."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from shared.errors import Unavailable

log = logging.getLogger(__name__)


AT_ONCE = 8
"""Each may hold a connection for as long as Redis keeps it waiting: requests need the others."""


class Background:
    """Tasks that outlive their request but not the gateway."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, what: str, work: Coroutine[Any, Any, object]) -> None:
        """Begin `work`; what would be too much, or fails, is left to the dispatcher."""
        if len(self._tasks) >= AT_ONCE:
            work.close()
            return
        task = asyncio.create_task(_tolerantly(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for everything that was begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _tolerantly(what: str, work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except Unavailable as error:
        log.warning("%s is left to the dispatcher: %s", what, error.detail)
