"""HTTP transport: sends requests, retries idempotent ones, raises typed errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TypeVar

import httpx

from ostinato.errors import ApiError, ClientError, ConnectionLost, Unreachable
from ostinato.retry import RetryBackoff

T = TypeVar("T")

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
        request = self._http.build_request("GET", path, params=params)
        return self._send(request, httpx.Response.read)

    def post(
        self,
        path: str,
        body: bytes | IO[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> bytes:
        """The body of the response; a file is streamed, again from its start in a retry."""
        request = self._http.build_request(
            "POST", path, content=body, headers=headers, params=params, timeout=timeout
        )

        def rewind() -> None:
            if not isinstance(body, bytes):
                body.seek(0)

        return self._send(request, httpx.Response.read, rewind)

    def delete(self, path: str) -> None:
        """Delete a resource."""
        self._send(self._http.build_request("DELETE", path), httpx.Response.read)

    def download(self, path: str, params: Mapping[str, str], target: IO[bytes]) -> None:
        """Write the body of the response to a file, again from its start in a retry."""

        def receive(response: httpx.Response) -> None:
            for chunk in response.iter_bytes():
                target.write(chunk)

        def rewind() -> None:
            target.seek(0)
            target.truncate()

        rewind()
        self._send(self._http.build_request("GET", path, params=params), receive, rewind)

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """The lines of an event stream, as they arrive."""
        headers = {"Accept": "text/event-stream", **headers}
        with self._open(self._http.build_request("GET", path, headers=headers)) as response:
            yield response.iter_lines()

    def _send(
        self,
        request: httpx.Request,
        receive: Callable[[httpx.Response], T],
        rewind: Callable[[], None] = lambda: None,
    ) -> T:
        """Send until there is a response; only the first attempt reports an absent gateway."""
        backoff = RetryBackoff(RETRY_SECONDS)
        is_first = True
        while True:
            try:
                with self._open(request) as response:
                    return receive(response)
            except ClientError as error:
                if not _may_repeat(request, error, is_first=is_first):
                    raise
                backoff.wait(error)
            is_first = False
            rewind()

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


def _may_repeat(request: httpx.Request, error: ClientError, *, is_first: bool) -> bool:
    """Whether a retry is safe: a response may be lost after the request took effect."""
    if isinstance(error, ApiError) and error.is_rate_limit:
        return True
    if isinstance(error, Unreachable) and is_first:
        return False
    return request.method == "GET" or IDEMPOTENCY_KEY in request.headers
