"""How long somebody who asks an idle service for a melody waits for its first note."""

import time
from collections.abc import Iterator

import httpx

from tests.benchmarks.house import VERSION, house
from tests.benchmarks.measure import interleave
from tests.benchmarks.row import Row
from tests.wire import post_job, raw_http, server_sent

ROUNDS = 20
LIMIT = 0.3
"""Seconds."""
IDLE = 0.5
"""Seconds between two."""
OURS = "ours"


def rows() -> Iterator[Row]:
    """The one."""
    with house() as stack, raw_http(stack) as http:
        _first_note(http)
        figures = interleave({OURS: lambda: _first_note(http)}, ROUNDS)
    name = f"first note of an idle service ({VERSION}), seconds"
    yield Row.of_times(name, figures[OURS], "the limit", LIMIT, 1.0)


def _first_note(http: httpx.Client) -> float:
    """Seconds from before the request to after the first notes; then the job is let go."""
    time.sleep(IDLE)
    begun = time.perf_counter()
    job = post_job(http, model=VERSION, bars=8)
    events = server_sent(http, job["id"])
    next(event for event in events if event["kind"] == "notes")
    seconds = time.perf_counter() - begun
    for _ in events:  # to its end, so that the service is idle again
        pass
    return seconds
