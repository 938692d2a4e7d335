"""When a delivery that failed is attempted again.

This is the schedule of Standard Webhooks.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed attempt but the last: ten attempts in three days."""
JITTER = 0.2
"""Share by which a delay is longer or shorter at random, so that receivers are not overloaded."""
MAX_RETRY_AFTER = timedelta(hours=24)

_RANDOM = secrets.SystemRandom()


def next_delay(
    attempts: int, retry_after: float | None, delays: Sequence[timedelta] = RETRY_DELAYS
) -> timedelta | None:
    """How long to wait after so many failed attempts; None if there is no further one.

    A receiver may ask to wait longer, for a day at most.
    """
    if attempts > len(delays):
        return None
    delay = delays[attempts - 1] * _RANDOM.uniform(1 - JITTER, 1 + JITTER)
    if retry_after is None:
        return delay
    requested = min(retry_after, MAX_RETRY_AFTER.total_seconds())
    return max(delay, timedelta(seconds=requested))
