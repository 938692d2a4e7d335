"""Adds headers to every response that limit what a browser does with it.

Pages have policies of their own (`web_app`, `api_docs`); no other response is a document, so its
policy permits nothing.
"""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "Content-Security-Policy"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
API_HEADERS = {**HEADERS, POLICY: "default-src 'none'; frame-ancestors 'none'"}
"""The headers of responses without a policy of their own."""
SECURE_SCHEMES = {b"https", b"wss"}
STARTS = {"http.response.start", "websocket.http.response.start"}

RawHeaders = list[tuple[bytes, bytes]]


class SecurityHeadersMiddleware:
    """The outermost middleware: it also covers responses to preflight requests and to errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            """Add the headers to the start of a response."""
            if message["type"] in STARTS:
                message["headers"] = [*message["headers"], *_added(message["headers"], scope)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_secure(scope: Scope) -> bool:
    """Whether the client uses TLS, which a proxy may end.

    The proxy's header may be forged by programs, but not by the page of a browser, and only
    browsers follow what depends on it.
    """
    forwarded: bytes = scope.get("scheme", "http").encode()
    for name, value in scope["headers"]:
        if name == b"x-forwarded-proto":
            forwarded = value
    return forwarded.partition(b",")[0].strip().lower() in SECURE_SCHEMES


def _raw(headers: dict[str, str]) -> RawHeaders:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_RAW_POLICY = POLICY.lower().encode()
_RAW_HEADERS, _RAW_API_HEADERS = _raw(HEADERS), _raw(API_HEADERS)
_STRICT_TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000")


def _added(present: Sequence[tuple[bytes, bytes]], scope: Scope) -> RawHeaders:
    has_policy = any(name == _RAW_POLICY for name, _ in present)
    added = _RAW_HEADERS if has_policy else _RAW_API_HEADERS
    return [*added, _STRICT_TRANSPORT_SECURITY] if is_secure(scope) else added
