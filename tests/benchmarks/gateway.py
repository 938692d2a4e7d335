"""How long a POST takes while two hundred a second come and a batch of 5,000 melodies is written.

A request's time counts from the moment at which it was due: who is late has waited.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

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
OURS = "ours"


def rows() -> Iterator[Row]:
    """The one."""
    with house() as stack, raw_http(stack) as http:
        batch = post_job(http, model=VERSION, count=MELODIES, bars=8)
        next(event for event in server_sent(http, batch["id"]) if event["kind"] == "melody")
        figures = interleave(
            {OURS: lambda: asyncio.run(_p99(stack.url, http.headers["Authorization"]))}
        )
    name = f"POST at {PER_SECOND} a second beside a batch of {MELODIES:,}, p99 in seconds"
    yield Row.of_times(name, figures[OURS], "the limit", LIMIT, 1.0)


async def _p99(url: str, authorization: str) -> float:
    """Over a few connections that stay open; who finds none free waits, and the wait counts."""
    address = urlsplit(url)
    body = json.dumps({"model": VERSION, "bars": 1})
    request = (
        f"POST /v1/generations HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: {authorization}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
    begun = time.perf_counter()
    due = iter([begun + number / PER_SECOND for number in range(PER_SECOND * SECONDS)])
    posters = [_post(address, request, due) for _ in range(CONNECTIONS)]
    seconds = await asyncio.gather(*posters)
    return float(np.percentile(np.concatenate(seconds), 99))


async def _post(address: SplitResult, request: bytes, due: Iterator[float]) -> list[float]:
    """Seconds from when each request was due to its answer.

    By hand: a client for every purpose would take more of the processors than the gateway.
    """
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    seconds = []
    for moment in due:
        await asyncio.sleep(moment - time.perf_counter())
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert " 202 " in head, head
        await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
        seconds.append(time.perf_counter() - moment)
    writer.close()
    return seconds
