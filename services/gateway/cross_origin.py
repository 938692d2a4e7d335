"""Lets web pages of other origins call the API, over HTTP (CORS) and WebSocket.

A page sends its API key itself; the gateway sets no cookies. So an allowed origin gains nothing
without a key, and credentials are not part of the CORS responses.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp

from services.gateway import problem_details
from services.gateway.security_headers import is_secure
from services.gateway.settings import DEFAULT_PORTS
from shared.errors import Forbidden

EXPOSED_HEADERS = (
    *("Allow", "Content-Disposition", "Retry-After", "WWW-Authenticate"),
    *("RateLimit", "RateLimit-Policy"),
)
"""Headers of responses that a page may read, besides those that every page may read."""
FILE_ORIGIN = "null"
"""What a browser sends as the origin of a page that was opened as a file."""


class CrossOriginMiddleware(CORSMiddleware):
    """Adds CORS headers to every response, errors included, and answers preflight requests.

    It must wrap the whole application: FastAPI creates the response to an unexpected error
    outside of the middleware that `add_middleware` adds.
    """

    def __init__(self, app: ASGIApp, allowed_origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=allowed_origins,
            allow_methods=("*",),  # the routes check method and headers, and say what is wrong
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=EXPOSED_HEADERS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The response to a preflight request; 403 says how to allow the origin."""
        origin = request_headers["origin"]
        response = super().preflight_response(request_headers)
        if not self.is_allowed_origin(origin):
            problem = problem_details.to_response(_forbidden(origin))
            problem.headers["Vary"] = response.headers["Vary"]
            return problem
        return response


def check_websocket_origin(connection: HTTPConnection, allowed_origins: Collection[str]) -> None:
    """Reject pages of other origins, which a browser lets connect (RFC 6455, section 10.2).

    An origin is compared as a whole: scheme, host and port.

    Raises:
        Forbidden: a page sent the request, and neither it nor its origin belongs to the gateway.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in allowed_origins:
        return
    scheme = "https" if is_secure(connection.scope) else "http"
    host = connection.headers.get("host", "").removesuffix(DEFAULT_PORTS[scheme])
    if origin != f"{scheme}://{host}":
        raise _forbidden(origin)


def _forbidden(origin: str) -> Forbidden:
    if origin == FILE_ORIGIN:
        return Forbidden(
            "A page that was opened as a file has no origin: serve it over HTTP, for example with "
            "`python3 -m http.server`, and add that origin to OSTINATO_ALLOWED_ORIGINS."
        )
    return Forbidden(
        f"Pages of {origin} may not call this gateway: add the origin to OSTINATO_ALLOWED_ORIGINS."
    )
