"""A step, again and again, through outages: a keeper of promises must outlive what it waits for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.errors import Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS = 0.5


async def every(seconds: float, what: str, step: Callable[[], Awaitable[object]]) -> None:
    """Run `step` until cancelled, `seconds` apart; its failures are logged, once an outage."""
    outage = ""
    while True:
        try:
            await step()
            if outage:
                log.info("%s goes on.", what)
            outage = ""
        except Unavailable as error:
            if error.detail != outage:
                log.warning("%s waits: %s", what, error.detail)
            outage = error.detail
        except Exception:  # the loop must live on; the cause is in the log
            log.exception("%s failed; it is tried again.", what)
        await asyncio.sleep(seconds)


async def at_last(what: str, step: Callable[[], Awaitable[T]]) -> T:
    """What `step` gives once nothing that it needs is away; the outage is logged once."""
    outage = ""
    while True:
        try:
            return await step()
        except Unavailable as error:
            if error.detail != outage:
                log.warning("%s waits: %s", what, error.detail)
            outage = error.detail
        await asyncio.sleep(RETRY_SECONDS)
