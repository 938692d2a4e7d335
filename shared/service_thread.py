"""An asyncio event loop in its own thread, with a service's background tasks.

Celery's consumer is synchronous and owns the main thread; everything else of a service runs on this
loop, so that the service's state needs no locks.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class ServiceThread:
    """Runs from `start` to `stop`; cannot be started again."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="event-loop", daemon=True
        )
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the thread and its event loop."""
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` on the event loop and return its result; call it on another thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def call_soon(self, function: Callable[[], None]) -> None:
        """Call `function` on the event loop; call this on another thread."""
        self._loop.call_soon_threadsafe(function)

    def create_task(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run `coroutine` in the background until `cancel_tasks`; call it on the event loop."""
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def cancel_tasks(self) -> None:
        """Cancel the background tasks and wait until each has ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """Stop the event loop and wait for its thread; call `cancel_tasks` first."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
