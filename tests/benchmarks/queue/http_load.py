"""An HTTP client for load: raw sockets, cheaper than the servers that it measures."""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from urllib.parse import urlsplit

CONNECTIONS = 8
REJECTED = "http/1.1 429"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the requests of one run took."""

    latencies: Sequence[float]
    """Seconds of each, from the time at which it was due."""
    seconds: float
    """From the start to the last response."""
    bodies: Sequence[bytes]
    num_rejected: int = 0
    """Responses with the status 429."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server, and the key to send."""

    url: str
    key: str

    def post(self, path: str, body: object) -> bytes:
        """The bytes of a POST request of JSON."""
        return self.request("POST", path, "application/json", json.dumps(body).encode())

    def request(self, method: str, path: str, media_type: str, content: bytes) -> bytes:
        """The bytes of a request with a body."""
        head = f"Content-Type: {media_type}\r\nContent-Length: {len(content)}\r\n"
        return self._head(method, path, head) + content

    def get(self, path: str) -> bytes:
        """The bytes of a GET request."""
        return self._head("GET", path, "")

    def send(self, request: bytes) -> bytes:
        """The body of the response to one request."""
        return self.send_all([request], connections=1).bodies[0]

    def _head(self, method: str, path: str, headers: str) -> bytes:
        host = urlsplit(self.url).netloc
        authorization = f"Authorization: Bearer {self.key}\r\n"
        return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}{headers}\r\n".encode()

    def send_at_rate(
        self, request: bytes, *, per_second: float, seconds: float, connections: int = CONNECTIONS
    ) -> Load:
        """Send a request again and again, at due times that do not wait for responses."""
        due = [number / per_second for number in range(int(per_second * seconds))]
        return asyncio.run(self._send(repeat(request, len(due)), due, connections))

    def send_all(self, requests: Sequence[bytes], *, connections: int = CONNECTIONS) -> Load:
        """Send these requests as fast as the responses arrive."""
        due = [0.0] * len(requests)
        return asyncio.run(self._send(requests, due, connections))

    async def _send(
        self, requests: Iterable[bytes], due: Sequence[float], connections: int
    ) -> Load:
        start = time.perf_counter()
        pending = iter(zip(requests, due, strict=True))
        parts = await asyncio.gather(
            *(self._send_on_one_connection(pending, start) for _ in range(connections))
        )
        results = [result for part in parts for result in part]
        return Load(
            latencies=[latency for latency, _, _ in results],
            seconds=time.perf_counter() - start,
            bodies=[body for _, body, _ in results],
            num_rejected=sum(is_rejected for _, _, is_rejected in results),
        )

    async def _send_on_one_connection(
        self, pending: Iterator[tuple[bytes, float]], start: float
    ) -> list[tuple[float, bytes, bool]]:
        address = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        results = []
        for request, due in pending:
            due_at = start + due if due else time.perf_counter()
            if (wait := due_at - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            body = await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
            if not head.startswith(("http/1.1 2", REJECTED)):
                raise RuntimeError(f"{head}{body.decode(errors='replace')}")
            is_rejected = head.startswith(REJECTED)
            results.append((time.perf_counter() - due_at, body, is_rejected))
        writer.close()
        return results
