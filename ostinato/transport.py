"""HTTP transport: sends requests, retries idempotent ones, raises typed errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import httpx

from ostinato.errors import ApiError, ConnectionLost, Unreachable
from ostinato.retry import RetryBackoff

IDEMPOTENCY_KEY = "Idempotency-Key"
RETRY_SECONDS = 10.0
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
"""An event stream sends a line every second, so 20 s of silence is a dead connection."""
NO_PROXY = {"all://127.0.0.1": None, "all://localhost": None}
"""The embedded stack is never behind the proxy that the environment may name."""


class Transport:
    """A connection to one gateway, authenticated with one key."""

    def __init__(self, url: str, key: str | None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT, mounts=NO_PROXY)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of the response."""
        return self._send(self._http.build_request("GET", path, params=params))

    def post(
        self, path: str, body: bytes | IO[bytes] = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of the response; a file is streamed."""
        return self._send(self._http.build_request("POST", path, content=body, headers=headers))

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """The lines of an event stream, as they arrive."""
        headers = {"Accept": "text/event-stream", **headers}
        with self._open(self._http.build_request("GET", path, headers=headers)) as response:
            yield response.iter_lines()

    def _send(self, request: httpx.Request) -> bytes:
        backoff = RetryBackoff(RETRY_SECONDS)
        while True:
            try:
                with self._open(request) as response:
                    return response.read()
            except (ApiError, ConnectionLost) as error:
                if not _is_idempotent(request):
                    raise
                backoff.wait(error)

    @contextmanager
    def _open(self, request: httpx.Request) -> Iterator[httpx.Response]:
        try:
            response = self._http.send(request, stream=True)
            try:
                if response.is_error:
                    response.read()
                    raise ApiError.from_response(response)
                yield response
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(self._url, str(error)) from error
        except httpx.TransportError as error:
            raise ConnectionLost(f"The connection to {self._url} broke: {error}") from error


def _is_idempotent(request: httpx.Request) -> bool:
    """Whether a retry is safe: a response may be lost after the request took effect."""
    return request.method == "GET" or IDEMPOTENCY_KEY in request.headers
