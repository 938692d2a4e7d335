"""ASGI middleware that counts requests and times the start of their responses."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics.instruments import HTTP_REQUESTS, HTTP_RESPONSE_SECONDS

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD, WEBSOCKET = "other", "WEBSOCKET"
STATIC_FILES, NO_ROUTE = "static", "none"
"""Routes of the studio's files, and of requests that were rejected before they had a route."""
STATUS_BY_MESSAGE = {"websocket.accept": 101, "websocket.close": 403}
"""The status of a handshake, for messages that have none; ASGI closes a rejected one with 403."""

Endpoint = Callable[..., Any]


def route_templates(routers: Iterable[tuple[str, APIRouter]]) -> dict[Endpoint, str]:
    """The templates of all routes, such as `/v1/jobs/{job_id}`, by the functions that serve them.

    The routers come with their prefixes.
    """
    return {
        route.endpoint: prefix + route.path  # type: ignore[attr-defined]  # the routes of an API
        for prefix, router in routers
        for route in router.routes
    }


class RequestMetricsMiddleware:
    """Records every request, errors included."""

    def __init__(self, app: ASGIApp, templates: Mapping[Endpoint, str]) -> None:
        self._app = app
        self._templates = templates
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started_at = time.perf_counter()
        has_begun = False

        async def send_and_record(message: Message) -> None:
            """Record the request when its response begins."""
            nonlocal has_begun
            if not has_begun:
                has_begun = True
                status = message.get("status") or STATUS_BY_MESSAGE.get(message["type"], 0)
                self._record(scope, status, time.perf_counter() - started_at)
            await send(message)

        try:
            await self._app(scope, receive, send_and_record)
        except Exception:
            if not has_begun:
                self._record(scope, 500, time.perf_counter() - started_at)
            raise

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope.get("method", WEBSOCKET)
        if method not in METHODS and method != WEBSOCKET:
            method = OTHER_METHOD
        route = self._template(scope.get("endpoint"))
        series = self._series.get((method, route, status))
        if series is None:  # finding them takes longer than to count
            series = self._series[method, route, status] = (
                HTTP_REQUESTS.labels(method, route, status),
                HTTP_RESPONSE_SECONDS.labels(method, route),
            )
        requests, response_seconds = series
        requests.inc()
        response_seconds.observe(seconds)

    def _template(self, endpoint: Endpoint | None) -> str:
        if isinstance(endpoint, StaticFiles):
            return STATIC_FILES
        return NO_ROUTE if endpoint is None else self._templates.get(endpoint, NO_ROUTE)
