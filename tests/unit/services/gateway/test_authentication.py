"""Every route below /v1 requires a key before the body is read."""

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import WebSocketRoute
from starlette.types import Message

from services.gateway.keys.authentication import AuthenticationMiddleware
from tests.unit.services.gateway.gateway_app import app_with, gateway

PUBLIC = {"/v1", "/v1/"}
ID = "01890000-0000-7000-8000-000000000000"


def routes() -> list[tuple[str, str]]:
    """Method and path of every HTTP route below /v1 that requires a key."""
    return sorted(
        (method, context.path.format_map(dict.fromkeys(PARAMETERS, ID)))
        for context in iter_route_contexts(app_with().routes)
        if isinstance(context.original_route, APIRoute)
        and context.path is not None
        and context.path.startswith("/v1")
        and context.path not in PUBLIC
        for method in context.methods or ()
    )


PARAMETERS = (
    *("job_id", "melody_id", "dataset_id", "training_id", "evaluation_id", "engraving_id"),
    *("version", "batch_id", "key_id"),
)
ROUTES = routes()


class Body:
    """A body that must not be read."""

    def __init__(self) -> None:
        self.is_read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_read = True
        yield b'{"model": '


def test_the_list_of_routes_is_complete() -> None:
    assert len(ROUTES) > 30
    assert {("POST", "/v1/generations"), ("POST", "/v1/datasets"), ("POST", "/v1/primers")} < {
        *ROUTES
    }


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi", "ost_key"])
async def test_without_a_key_it_is_401_before_the_body_is_read(
    method: str, path: str, authorization: str | None
) -> None:
    body = Body()
    headers = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    async with gateway() as client:
        response = await client.request(method, path, headers=headers, content=body)
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert not body.is_read


@pytest.mark.parametrize(
    "path", ["/v1/jobs?ticket=a", f"/v1/jobs/{ID}?ticket=a", f"/v1/jobs/{ID}/events?xticket=a"]
)
async def test_a_ticket_replaces_the_key_of_event_streams_only(path: str) -> None:
    async with gateway() as client:
        assert (await client.get(path)).status_code == 401
        stream = await client.get(f"/v1/jobs/{ID}/events?after=e:1&ticket=a")
    assert stream.json()["code"] == "unavailable"  # the ticket is in PostgreSQL


async def test_public_paths_need_no_key() -> None:
    async with gateway() as client:
        for path in ("/v1", "/v1/", "/healthz", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 200


def websocket_paths() -> list[str]:
    contexts = iter_route_contexts(app_with().routes)
    return [
        str(context.path).format(job_id=ID)
        for context in contexts
        if isinstance(context.original_route, WebSocketRoute)
    ]


async def test_a_websocket_without_a_key_or_ticket_is_401() -> None:
    paths, sent = websocket_paths(), []
    assert paths

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    app = app_with()
    async with app.router.lifespan_context(app):
        for path in paths:
            scope = {"type": "websocket", "path": path, "query_string": b"", "headers": []}
            extensions = {"extensions": {"websocket.http.response": {}}, "app": app}
            await AuthenticationMiddleware(app)({**scope, **extensions}, receive, send)
    statuses = [message["status"] for message in sent if "status" in message]
    assert statuses == [401] * len(paths)
