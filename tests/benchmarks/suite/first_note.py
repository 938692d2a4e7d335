"""Time from a request to the first note of an idle service."""

import time
from collections.abc import Iterator

import httpx

from tests.benchmarks.measure import interleave
from tests.benchmarks.result import Row
from tests.benchmarks.stack import VERSION, running_stack
from tests.support.http_api import http_client, post_generation, sse_events

ROUNDS = 20
LIMIT = 0.3
"""Longest intended time in seconds."""
IDLE = 0.5
"""Seconds from the end of a job to the next request."""
OSTINATO = "Ostinato"


def rows() -> Iterator[Row]:
    """Measure the one row."""
    with running_stack() as stack, http_client(stack) as http:
        _first_note(http)
        seconds = interleave({OSTINATO: lambda: _first_note(http)}, ROUNDS)
    name = f"first note of an idle service ({VERSION}), seconds"
    yield Row.of_times(name, seconds[OSTINATO], "the limit", LIMIT, 1.0)


def _first_note(http: httpx.Client) -> float:
    """Seconds from the request to the first notes; returns when the job has ended."""
    time.sleep(IDLE)
    start = time.perf_counter()
    job = post_generation(http, model=VERSION, bars=8)
    events = sse_events(http, job["id"])
    next(event for event in events if event["kind"] == "notes")
    seconds = time.perf_counter() - start
    for _ in events:  # until the job ends, so that the service is idle again
        pass
    return seconds
