"""Which requests are recorded, with which labels, when there is no ordinary response."""

import pytest
from prometheus_client import CollectorRegistry
from starlette.types import Message, Receive, Scope, Send

from services.gateway.requests.request_metrics import RequestMetricsMiddleware
from shared.metrics.instruments import RECORDED

TEMPLATE = "/v1/jobs/{job_id}/events"


def endpoint() -> None:
    """A function that serves a route."""


def count(method: str, route: str, status: int, registry: CollectorRegistry = RECORDED) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return registry.get_sample_value("ostinato_http_requests_total", labels) or 0.0


async def receive() -> Message:
    return {"type": "websocket.connect"}


async def send(_: Message) -> None:
    """The client."""


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([{"type": "websocket.accept"}, {"type": "websocket.close"}], 101),
        ([{"type": "websocket.close"}], 403),
        ([{"type": "websocket.http.response.start", "status": 401}], 401),
    ],
)
async def test_a_handshake_is_recorded_once(messages: list[Message], status: int) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = endpoint
        for message in messages:
            await send(message)

    before = count("WEBSOCKET", TEMPLATE, status)
    middleware = RequestMetricsMiddleware(app, {endpoint: TEMPLATE})
    await middleware({"type": "websocket"}, receive, send)
    assert count("WEBSOCKET", TEMPLATE, status) == before + 1


async def test_an_unexpected_error_is_recorded_as_500() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    before = count("GET", "none", 500)
    middleware = RequestMetricsMiddleware(app, {})
    with pytest.raises(RuntimeError):
        await middleware({"type": "http", "method": "GET"}, receive, send)
    assert count("GET", "none", 500) == before + 1
