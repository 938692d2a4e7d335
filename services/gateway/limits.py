"""Caps on request bodies, counted while they stream in: an untrue Content-Length helps nobody.

Refuses to know what is in a body.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import errors
from shared.errors import BodyTooLarge

MEGABYTE = 1_000_000
DEFAULT_CAP = 1 * MEGABYTE
CAPS = {
    "/v1/generations/batch": 10 * MEGABYTE,
    "/v1/primers": 2 * MEGABYTE,
}
"""Bytes, by path; every other route takes `DEFAULT_CAP`."""


class BodyLimit:
    """ASGI middleware: answers 413 as soon as a body is over the cap of its route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        meter = _Meter(receive, CAPS.get(scope["path"], DEFAULT_CAP))
        try:
            meter.check(_content_length(scope))
            await self._app(scope, meter.receive, meter.unless_exceeded(send))
        except BodyTooLarge as error:
            await errors.of(error)(scope, receive, send)


class _Meter:
    """Counts a body while it is read.

    The framework answers 400 to whatever goes wrong while it reads a body; `unless_exceeded` puts
    the true reason in its place.
    """

    def __init__(self, receive: Receive, cap: int) -> None:
        self._receive = receive
        self._cap = cap
        self._seen = 0

    def check(self, size: int) -> None:
        if size > self._cap:
            raise BodyTooLarge(f"The body may have {self._cap:,} bytes here.", cap=self._cap)

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self.check(self._seen)
        return message

    def unless_exceeded(self, send: Send) -> Send:
        async def checked(message: Message) -> None:
            self.check(self._seen)
            await send(message)

        return checked


def _content_length(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0
