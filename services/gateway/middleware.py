"""ASGI middleware that limits the size of request bodies.

Bytes are counted as they arrive, so a wrong Content-Length does not evade the limit. FastAPI's own
`max_body_size` does the same, but may respond in plain text.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import problem_details
from shared.errors import BodyTooLarge

MEGABYTE = 1_000_000
DEFAULT_MAX_BODY_BYTES = 1 * MEGABYTE
MAX_BODY_BYTES = {
    "/v1/batches": 50 * MEGABYTE,
    "/v1/primers": 2 * MEGABYTE,
    "/v1/reproduce": 2 * MEGABYTE,
    "/v1/datasets": 512 * MEGABYTE,
}
"""Limits by path; every other path has `DEFAULT_MAX_BODY_BYTES`."""


class BodySizeLimitMiddleware:
    """Responds 413 as soon as a body exceeds the limit of its path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_BODY_BYTES.get(scope["path"], DEFAULT_MAX_BODY_BYTES)
        counter = _ByteCounter(limit, _content_length(scope))
        if counter.is_exceeded:
            await problem_details.to_response(counter.error)(scope, receive, send)
            return

        async def receive_counted() -> Message:
            message = await receive()
            counter.count(len(message.get("body", b"")))
            return message

        async def send_unless_exceeded(message: Message) -> None:
            """Replace the application's response to a truncated body by 413."""
            if not counter.is_exceeded:
                await send(message)
            elif message["type"] == "http.response.start":
                await problem_details.to_response(counter.error)(scope, receive, send)

        await self._app(scope, receive_counted, send_unless_exceeded)


class _ByteCounter:
    """The declared and the received bytes of one body."""

    def __init__(self, limit: int, declared: int) -> None:
        self._limit = limit
        self._declared = declared
        self._received = 0

    @property
    def is_exceeded(self) -> bool:
        return max(self._received, self._declared) > self._limit

    @property
    def error(self) -> BodyTooLarge:
        return BodyTooLarge(f"The limit is {self._limit:,} bytes here.", max_bytes=self._limit)

    def count(self, num_bytes: int) -> None:
        self._received += num_bytes
        if self.is_exceeded:
            raise self.error


def _content_length(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0
