"""POST latency at 200 requests per second while a batch of 5,000 melodies is generated.

Latency is measured from the time at which a request was due, so a delayed request counts in full.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

import numpy as np

from tests.benchmarks.measure import interleave
from tests.benchmarks.result import Row
from tests.benchmarks.stack import VERSION, running_stack
from tests.support.http_api import http_client, post_generation, sse_events

MELODIES = 5000
PER_SECOND, SECONDS = 200, 10
LIMIT = 0.05
"""Highest intended 99th percentile in seconds."""
CONNECTIONS = 32
OSTINATO = "Ostinato"


def rows() -> Iterator[Row]:
    """Measure the one row."""
    with running_stack() as stack, http_client(stack) as http:
        batch = post_generation(http, model=VERSION, count=MELODIES, bars=8)
        next(event for event in sse_events(http, batch["id"]) if event["kind"] == "melody")
        p99 = interleave(
            {OSTINATO: lambda: asyncio.run(_p99(stack.url, http.headers["Authorization"]))}
        )
    name = (
        f"POST at {PER_SECOND} requests/s beside a batch of {MELODIES:,} melodies, p99 in seconds"
    )
    yield Row.of_times(name, p99[OSTINATO], "the limit", LIMIT, 1.0)


async def _p99(url: str, authorization: str) -> float:
    """The 99th percentile of latency, including the wait for one of the open connections."""
    address = urlsplit(url)
    body = json.dumps({"model": VERSION, "bars": 1})
    request = (
        f"POST /v1/generations HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: {authorization}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
    start = time.perf_counter()
    due = iter([start + number / PER_SECOND for number in range(PER_SECOND * SECONDS)])
    posters = [_post(address, request, due) for _ in range(CONNECTIONS)]
    seconds = await asyncio.gather(*posters)
    return float(np.percentile(np.concatenate(seconds), 99))


async def _post(address: SplitResult, request: bytes, due: Iterator[float]) -> list[float]:
    """Seconds from the due time of each request to its response.

    Raw sockets: a general HTTP client would use more processor time than the gateway.
    """
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    seconds = []
    for due_time in due:
        await asyncio.sleep(due_time - time.perf_counter())
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert " 202 " in head, head
        await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
        seconds.append(time.perf_counter() - due_time)
    writer.close()
    return seconds
