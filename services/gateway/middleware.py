"""Caps on request bodies, counted while they stream in: an untrue Content-Length helps nobody.

FastAPI's own `max_body_size` does the same but may answer in plain text. Refuses to know what is in
a body.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import problem_details
from shared.errors import BodyTooLarge

MEGABYTE = 1_000_000
DEFAULT_CAP = 1 * MEGABYTE
CAPS = {
    "/v1/generations/batch": 10 * MEGABYTE,
    "/v1/primers": 2 * MEGABYTE,
    "/v1/reproduce": 2 * MEGABYTE,
    "/v1/datasets": 512 * MEGABYTE,
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
        meter = _Meter(CAPS.get(scope["path"], DEFAULT_CAP), _content_length(scope))
        if meter.is_exceeded:
            await problem_details.of(meter.error)(scope, receive, send)
            return

        async def counted() -> Message:
            message = await receive()
            meter.count(len(message.get("body", b"")))
            return message

        async def answered(message: Message) -> None:
            """Whatever the application makes of the interrupted body, 413 is the answer."""
            if not meter.is_exceeded:
                await send(message)
            elif message["type"] == "http.response.start":
                await problem_details.of(meter.error)(scope, receive, send)

        await self._app(scope, counted, answered)


class _Meter:
    """How much of a body came, and was announced."""

    def __init__(self, cap: int, announced: int) -> None:
        self._cap = cap
        self._announced = announced
        self._came = 0

    @property
    def is_exceeded(self) -> bool:
        return max(self._came, self._announced) > self._cap

    @property
    def error(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body may have {self._cap:,} bytes here.", cap=self._cap)

    def count(self, size: int) -> None:
        self._came += size
        if self.is_exceeded:
            raise self.error


def _content_length(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0
