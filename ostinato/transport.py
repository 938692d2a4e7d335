"""The line to the gateway: sends, repeats what may be said twice, turns faults into typed errors.

Refuses to know what a request means.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import httpx

from ostinato.errors import ApiError, ConnectionLost, Unreachable
from ostinato.retry import Patience

IDEMPOTENCY_KEY = "Idempotency-Key"
REPEAT_SECONDS = 10.0
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
"""An event stream says something every second, so 20 s of silence is a dead line."""
NO_PROXY = {"all://127.0.0.1": None, "all://localhost": None}
"""The local stack is never behind the proxy that the environment may name."""


class Gateway:
    """One gateway, spoken to with one key."""

    def __init__(self, url: str, key: str | None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT, mounts=NO_PROXY)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer."""
        return self._ask(self._http.build_request("GET", path, params=params))

    def post(
        self, path: str, body: bytes | IO[bytes] = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of the answer; a file is read while it is sent."""
        return self._ask(self._http.build_request("POST", path, content=body, headers=headers))

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """The lines of an event stream, as they come."""
        headers = {"Accept": "text/event-stream", **headers}
        with self._open(self._http.build_request("GET", path, headers=headers)) as response:
            yield response.iter_lines()

    def _ask(self, request: httpx.Request) -> bytes:
        patience = Patience(REPEAT_SECONDS)
        while True:
            try:
                with self._open(request) as response:
                    return response.read()
            except (ApiError, ConnectionLost) as fault:
                if not _may_be_repeated(request):
                    raise
                patience.pause(fault)

    @contextmanager
    def _open(self, request: httpx.Request) -> Iterator[httpx.Response]:
        try:
            response = self._http.send(request, stream=True)
            try:
                if response.is_error:
                    response.read()
                    raise ApiError.of(response)
                yield response
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise Unreachable(self._url) from fault
        except httpx.TransportError as fault:
            raise ConnectionLost(f"The line to {self._url} broke: {fault}") from fault


def _may_be_repeated(request: httpx.Request) -> bool:
    """An answer may be lost after the deed was done: only a key tells the gateway so."""
    return request.method == "GET" or IDEMPOTENCY_KEY in request.headers
