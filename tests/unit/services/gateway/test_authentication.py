"""Every route below /v1 requires a key before the body is read."""

import math
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import WebSocketRoute
from starlette.types import Message

from ostinato.schemas.account.keys import Scope
from shared.db.api_keys import ValidKey, key_digest
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
    *("version", "batch_id", "key_id", "primer_id", "webhook_id", "delivery_id"),
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


async def websocket_status(app: FastAPI, path: str, *headers: tuple[bytes, bytes]) -> int:
    """The status of the response to a handshake that is rejected."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": [*headers]}
    await app({**scope, "extensions": {"websocket.http.response": {}}}, receive, send)
    [status] = [message["status"] for message in sent if "status" in message]
    return int(status)


async def test_a_websocket_without_a_key_or_ticket_is_401() -> None:
    paths, app = websocket_paths(), app_with()
    assert paths
    async with app.router.lifespan_context(app):
        assert [await websocket_status(app, path) for path in paths] == [401] * len(paths)


async def test_a_websocket_without_the_scope_is_403() -> None:
    app, key = app_with(), "ost_of_an_admin"
    async with app.router.lifespan_context(app):
        valid = ValidKey(UUID(ID), UUID(ID), "ann", frozenset({Scope.ADMIN}))
        app.state.app_state.keys._valid[key_digest(key)] = (valid, math.inf)
        header = (b"authorization", f"Bearer {key}".encode())
        statuses = [await websocket_status(app, path, header) for path in websocket_paths()]
        app.state.app_state.key_uses._waiting.clear()
    assert set(statuses) == {403}
