"""How long a POST takes while two hundred a second come and a batch of 5,000 melodies is written.

A request's time counts from the moment at which it was due: who is late has waited.
"""

import asyncio
import time
from collections.abc import Iterator

import httpx
import numpy as np

from tests.benchmarks.house import VERSION, house
from tests.benchmarks.measure import interleave
from tests.benchmarks.row import Row
from tests.wire import post_job, raw_http, server_sent

MELODIES = 5000
PER_SECOND, SECONDS = 200, 10
LIMIT = 0.05
"""Seconds, which 99 of 100 requests may take at most."""
CONNECTIONS = 32
"""Kept open; who finds none free waits, and the wait counts."""
PATIENCE = 60.0
"""Seconds until a request that is not answered ends the measurement."""
OURS = "ours"


def rows() -> Iterator[Row]:
    """The one."""
    with house() as stack, raw_http(stack) as http:
        batch = post_job(http, model=VERSION, count=MELODIES, bars=8)
        next(event for event in server_sent(http, batch["id"]) if event["kind"] == "melody")
        figures = interleave({OURS: lambda: asyncio.run(_p99(stack.url, http.headers))})
    name = f"POST at {PER_SECOND} a second beside a batch of {MELODIES:,}, p99 in seconds"
    yield Row.of_times(name, figures[OURS], "the limit", LIMIT, 1.0)


async def _p99(url: str, headers: httpx.Headers) -> float:
    few = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(
        base_url=url, headers=headers, trust_env=False, limits=few, timeout=PATIENCE
    ) as http:
        begun = time.perf_counter()
        posts = [
            asyncio.create_task(_post(http, begun + number / PER_SECOND))
            for number in range(PER_SECOND * SECONDS)
        ]
        return float(np.percentile(await asyncio.gather(*posts), 99))


async def _post(http: httpx.AsyncClient, due: float) -> float:
    """Seconds from when it was due to its answer."""
    await asyncio.sleep(due - time.perf_counter())
    answer = await http.post("/v1/generations", json={"model": VERSION, "bars": 1})
    seconds = time.perf_counter() - due
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return seconds
