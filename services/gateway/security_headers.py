"""Adds headers to every response that limit what a browser does with it.

Pages have policies of their own (`web_app`, `api_docs`); no other response is a document, so its
policy permits nothing.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "Content-Security-Policy"
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
SECURE_SCHEMES = {"https", "wss"}
STARTS = {"http.response.start", "websocket.http.response.start"}


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
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault(POLICY, API_POLICY)
                if is_secure(scope):
                    headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_secure(scope: Scope) -> bool:
    """Whether the client uses TLS, which a proxy may end.

    The proxy's header may be forged by programs, but not by the page of a browser, and only
    browsers follow what depends on it.
    """
    forwarded = Headers(scope=scope).get("x-forwarded-proto", scope.get("scheme", "http"))
    return forwarded.partition(",")[0].strip().lower() in SECURE_SCHEMES
