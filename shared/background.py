"""Repeats an async step periodically, or until a dependency is available."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS = 0.5


async def run_periodically(
    interval_seconds: float, name: str, step: Callable[[], Awaitable[object]]
) -> None:
    """Run `step` until cancelled, with a pause in between. Log every failure, an outage once."""
    outage = ""
    while True:
        try:
            await step()
            if outage:
                log.info("%s continues after an outage.", name)
            outage = ""
        except Unavailable as error:
            outage = _log_once(name, error, outage)
        except Exception:  # the loop must survive any error; the log has the cause
            log.exception("%s failed; the next pass is in %s s.", name, interval_seconds)
        await asyncio.sleep(interval_seconds)


async def retry_until_available(name: str, step: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `step`; retry it while it raises `Unavailable`. Log an outage once."""
    outage = ""
    while True:
        try:
            return await step()
        except Unavailable as error:
            outage = _log_once(name, error, outage)
        await asyncio.sleep(RETRY_SECONDS)


def _log_once(name: str, error: Unavailable, previous_outage: str) -> str:
    """Log an outage unless it is the previous one; return it."""
    if error.detail != previous_outage:
        log.warning("%s waits: %s", name, error.detail)
    return error.detail
