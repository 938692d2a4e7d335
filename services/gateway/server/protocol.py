"""The HTTP/1.1 protocol of uvicorn with limits that uvicorn lacks.

uvicorn's httptools implementation reads headers of any size, waits forever for the rest of a
request, and accepts any number of connections. Here each limit has a response, which is sent if no
other response has begun:

| limit | response |
|---|---|
| size of the headers, and of what surrounds the parts of a chunked body | 431 |
| length of path and query | 414 |
| time until the headers are complete, and pause or rate of the body | 408 |
| connections of one address, and of all | 429, 503 |
| requests that wait for an earlier one; time in which a client reads nothing | none |

A connection has one timer at most. It looks at the deadline when it is due, so a request that
arrives quickly only sets a number.
"""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from services.gateway import problem_details
from services.gateway.security_headers import API_HEADERS
from shared.errors import (
    HeadersTooLarge,
    MalformedRequest,
    OstinatoError,
    Overloaded,
    RequestTimeout,
    TooManyConnections,
    UriTooLong,
)

MAX_URI_BYTES = 8000
"""What RFC 9110, section 4.1, asks every recipient to support."""
MAX_HEADER_BYTES = 16_384
"""Names and values of all headers, as in Node.js and h11."""
MIN_BODY_BYTES_PER_SECOND = 500
"""As Apache's mod_reqtimeout: a body that arrives more slowly uses up its pauses."""
MAX_PIPELINED_REQUESTS = 32
"""Requests that may wait for the response to an earlier one on their connection."""
MAX_DISCARDED_BYTES = 64_000_000
"""Bytes of a body that are still read after the response, so that the client can receive it."""
WRITE_TIMEOUT_SECONDS = 60
"""A client that reads nothing for this long is disconnected."""
RETRY_AFTER_SECONDS = 2


class ConnectionLimits(NamedTuple):
    """The limits that are settings."""

    max_connections: int
    max_connections_per_address: int
    receive_timeout: float
    """Seconds for the headers, and the longest pause in a body."""


class _LimitExceeded(Exception):
    """Raised in a callback of the parser, which turns it into a parser error."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *, limits: ConnectionLimits, **options: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(**options)
        self._limits = limits
        self._error: OstinatoError | None = None
        """The limit that the parser's callback has found exceeded."""
        self._deadline: float | None = None
        """When the next part of a request must have arrived; None: no request is incomplete."""
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._has_begun = False
        """Whether a request has begun on this connection."""
        self._header_bytes = 0
        self._unparsed_bytes = 0
        """Bytes since the last complete headers or part of a body."""
        self._discarded_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, or respond that there are too many."""
        super().connection_made(transport)
        error = self._find_excess()
        if error is None:
            self._expect_data()
        else:
            self._fail(error)

    def _find_excess(self) -> OstinatoError | None:
        """The error if this connection is one too many.

        Connections of one address are counted only while there are enough to exceed its limit.
        """
        limits, open_connections = self._limits, len(self.connections)
        if open_connections > limits.max_connections:
            return Overloaded(
                f"The gateway has {limits.max_connections:,} open connections, the most that is "
                "allowed; try again later.",
                retry_after=RETRY_AFTER_SECONDS,
            )
        address = _address_of(self)
        if address is None or open_connections <= limits.max_connections_per_address:
            return None
        same = sum(_address_of(other) == address for other in self.connections)
        if same <= limits.max_connections_per_address:
            return None
        return TooManyConnections(
            f"{address} has {limits.max_connections_per_address:,} open connections, the most that "
            "is allowed; close some, or use one for several requests.",
            retry_after=RETRY_AFTER_SECONDS,
        )

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        if self.transport.is_closing():
            return
        if self._deadline is None:
            self._expect_data()
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
            self._fail(_headers_too_large())

    def on_message_begin(self) -> None:
        """Start to count the headers of a request, which may follow another one at once."""
        super().on_message_begin()
        self._header_bytes = 0
        self._has_begun = True
        if self._deadline is None:
            self._expect_data()

    def on_url(self, url: bytes) -> None:
        """Take a part of path and query."""
        super().on_url(url)
        if len(self.url) > MAX_URI_BYTES:
            self._error = UriTooLong(
                f"Path and query are longer than {MAX_URI_BYTES:,} bytes; send long values in the "
                "body.",
                max_bytes=MAX_URI_BYTES,
            )
            raise _LimitExceeded

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or after a chunked body a trailer."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            self._error = _headers_too_large()
            raise _LimitExceeded
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request; its body must arrive in time."""
        self._unparsed_bytes = self._discarded_bytes = 0
        if len(self.pipeline) >= MAX_PIPELINED_REQUESTS:
            raise _LimitExceeded
        self._expect_data()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; it allows for a pause."""
        self._unparsed_bytes = 0
        if self._deadline is not None:
            latest = self.loop.time() + self._limits.receive_timeout
            self._deadline = min(self._deadline + len(body) / MIN_BODY_BYTES_PER_SECOND, latest)
        if (cycle := self._current_cycle) is not None and cycle.response_complete:
            self._discarded_bytes += len(body)
            if self._discarded_bytes > MAX_DISCARDED_BYTES:
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has arrived."""
        self._unparsed_bytes = 0
        self._deadline = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Respond to what the parser rejects."""
        self._fail(self._error or MalformedRequest(f"{msg} Send HTTP/1.1."))

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the WebSocket protocol, which has timeouts of its own."""
        self._cancel_timers()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        self._cancel_timers()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read; disconnect it if it does not."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_TIMEOUT_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _expect_data(self) -> None:
        """Set the deadline for the next part of a request."""
        self._deadline = self.loop.time() + self._limits.receive_timeout
        if self._timer is None:
            self._timer = self.loop.call_at(self._deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        if self._deadline is None or self.transport.is_closing():
            return
        if not (self._has_begun or self._unparsed_bytes):
            self.transport.close()  # the client has sent nothing that needs a response
        elif self.flow.read_paused or self._is_responding():
            self._expect_data()  # the client waits for the gateway
        elif self.loop.time() < self._deadline:
            self._timer = self.loop.call_at(self._deadline, self._check_deadline)
        else:
            timeout = self._limits.receive_timeout
            self._fail(
                RequestTimeout(
                    f"The request did not arrive in time: send its headers within {timeout:g} s, "
                    f"and its body without longer pauses and at {MIN_BODY_BYTES_PER_SECOND} bytes "
                    "per second or more."
                )
            )

    @property
    def _current_cycle(self) -> RequestResponseCycle | None:
        """The last request; None before the first, which uvicorn's annotation omits."""
        return self.cycle

    def _is_responding(self) -> bool:
        """Whether the response to a request that has arrived completely is being made."""
        cycle = self._current_cycle
        return cycle is not None and not cycle.more_body and not cycle.response_complete

    def _fail(self, error: OstinatoError) -> None:
        """Close the connection, after a response if none is being sent."""
        cycle = self._current_cycle
        is_idle = cycle is None or (cycle.response_complete and not cycle.more_body)
        is_unanswered = cycle is not None and cycle.more_body and not cycle.response_started
        if not self.pipeline and (is_idle or is_unanswered):
            self.transport.write(b"".join(_response(error)))
        self.transport.close()

    def _cancel_timers(self) -> None:
        for timer in (self._timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._write_timer = self._deadline = None


def _address_of(connection: object) -> str | None:
    """The address of the client; None if the connection is not over IP."""
    client: tuple[str, int] | None = getattr(connection, "client", None)
    return None if client is None else client[0]


def _headers_too_large() -> HeadersTooLarge:
    return HeadersTooLarge(
        f"The headers are larger than {MAX_HEADER_BYTES:,} bytes; send fewer or shorter ones.",
        max_bytes=MAX_HEADER_BYTES,
    )


def _response(error: OstinatoError) -> Iterator[bytes]:
    """The problem details of an error as an HTTP message."""
    response = problem_details.to_response(error)
    response.headers.update(API_HEADERS)
    status = HTTPStatus(response.status_code)
    yield f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for name, value in response.raw_headers:
        yield b"%b: %b\r\n" % (name, value)
    yield b"connection: close\r\n\r\n"
    yield bytes(response.body)
