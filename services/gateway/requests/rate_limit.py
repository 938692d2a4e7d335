"""Limits the requests of each owner per second: a token bucket.

The state of an owner is the time at which the bucket is full again (GCRA, ITU-T I.371); an owner
whose time has passed needs no state. Each gateway process counts by itself.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

MAX_OWNERS = 10_000
"""Owners with state after which those with a full bucket are removed."""
SECOND = 1_000_000_000

Headers = list[tuple[bytes, bytes]]


class Decision(NamedTuple):
    """Whether a request may proceed, and what its response reports."""

    retry_after: int
    """Seconds to wait before the next request; 0: this one may proceed."""
    headers: Headers
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers)."""


class RateLimit:
    """The buckets of all owners. Times are integers, in nanoseconds: sums of them are exact."""

    def __init__(
        self, per_second: float, burst: int, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._per_request = round(SECOND / per_second)
        self._window = burst * self._per_request
        self._clock = clock
        self._full_at: dict[str, int] = {}
        policy = b'"requests";q=%d;w=%d' % (burst, _seconds(self._window))
        self._policy = (b"ratelimit-policy", policy)

    def take(self, owner: str) -> Decision:
        """Count a request of the owner, unless it is over the limit."""
        now = self._clock()
        full_in = max(self._full_at.get(owner, now) - now, 0)
        excess = full_in + self._per_request - self._window
        if excess > 0:
            return Decision(_seconds(excess), self._headers(full_in))
        full_in += self._per_request
        self._full_at[owner] = now + full_in
        if len(self._full_at) > MAX_OWNERS:
            self._full_at = {name: end for name, end in self._full_at.items() if end > now}
        return Decision(0, self._headers(full_in))

    def _headers(self, full_in: int) -> Headers:
        remaining = (self._window - full_in) // self._per_request
        state = b'"requests";r=%d;t=%d' % (remaining, _seconds(full_in))
        return [self._policy, (b"ratelimit", state)]


def _seconds(nanoseconds: int) -> int:
    """Whole seconds, rounded up."""
    return -(-nanoseconds // SECOND)
