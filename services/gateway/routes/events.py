"""Listening to a job: server-sent events and WebSocket, the same events by either."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, WebSocket
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection
from starlette.status import WS_1000_NORMAL_CLOSURE, WS_1013_TRY_AGAIN_LATER
from starlette.websockets import WebSocketDisconnect

from ostinato.schemas.events import Event, ResyncEvent
from services.gateway import problem_details
from services.gateway.app_state import State
from services.gateway.auth import owner_of_stream
from services.gateway.dependencies import Gateway
from services.gateway.event_subscription import Position, Subscription
from shared.db.job_store import Ledger
from shared.errors import Forbidden, OstinatoError, Unavailable

router = APIRouter(tags=["events"])

After = Annotated[
    str | None, Query(description="`epoch:seq` of the last event seen; left out, all of them.")
]
SpentTicket = Annotated[str | None, Query(alias="ticket", description="In place of the key.")]


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def server_sent_events(
    job_id: UUID,
    request: Request,
    gateway: Gateway,
    after: After = None,
    last_event_id: Annotated[str | None, Header()] = None,
    ticket: SpentTicket = None,  # noqa: ARG001 - read from the connection, declared for OpenAPI
) -> StreamingResponse:
    """The job's events from the beginning, or after the last one that you have seen."""
    subscription, first = await _subscribe(gateway, request, job_id, last_event_id or after)
    return StreamingResponse(
        _frames(subscription, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _frames(subscription: Subscription, first: ResyncEvent | None) -> AsyncIterator[str]:
    """SSE as WHATWG HTML, section 9.2, has it. An outage ends it: the client comes back."""
    if first is not None:
        yield _frame(first)
    with suppress(Unavailable):
        async for event in subscription.events():
            yield ": still here\n\n" if event is None else _frame(event)


def _frame(event: Event) -> str:
    position = Position(event.epoch, event.seq)
    return f"id: {position}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n"


@router.websocket("/jobs/{job_id}/events")
async def websocket_events(
    job_id: UUID, websocket: WebSocket, gateway: Gateway, after: After = None
) -> None:
    """One event a text frame; closes after the terminal one."""
    try:
        _check_origin(websocket, gateway.settings.allowed_origins)
        subscription, first = await _subscribe(gateway, websocket, job_id, after)
    except OstinatoError as error:
        await websocket.send_denial_response(problem_details.of(error))
        return
    await websocket.accept()
    sender = asyncio.create_task(_send(websocket, subscription, first))
    gone = asyncio.create_task(_until_gone(websocket))
    await asyncio.wait({sender, gone}, return_when=asyncio.FIRST_COMPLETED)
    for task in (sender, gone):
        task.cancel()
    with suppress(asyncio.CancelledError, WebSocketDisconnect):
        await websocket.close(await _ending(sender))


async def _send(
    websocket: WebSocket, subscription: Subscription, first: ResyncEvent | None
) -> None:
    if first is not None:
        await websocket.send_text(first.model_dump_json())
    async with aclosing(subscription.events()) as events:
        async for event in events:
            if event is not None:
                await websocket.send_text(event.model_dump_json())


async def _ending(sender: asyncio.Task[None]) -> int:
    """The code to close with: clients of an outage come back later."""
    try:
        await sender
    except Unavailable:
        return WS_1013_TRY_AGAIN_LATER
    return WS_1000_NORMAL_CLOSURE


async def _until_gone(websocket: WebSocket) -> None:
    """Clients have nothing to say here; what they send is dropped."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


def _check_origin(websocket: WebSocket, allowed: frozenset[str]) -> None:
    """A foreign page must not ride on a browser that is let in (RFC 6455, section 10.2)."""
    origin = websocket.headers.get("origin")
    if origin is None or origin in allowed:
        return
    if origin.partition("://")[2] != websocket.headers.get("host"):
        raise Forbidden(f"Pages of {origin} may not listen here; see OSTINATO_ALLOWED_ORIGINS.")


async def _subscribe(
    gateway: State, connection: HTTPConnection, job_id: UUID, after: str | None
) -> tuple[Subscription, ResyncEvent | None]:
    position = None if after is None else Position.parse(after)
    owner = await owner_of_stream(gateway.database, connection, job_id)
    async with gateway.database.transaction() as transaction:
        job = await Ledger(transaction).outline(job_id, owner)
    subscription = Subscription(gateway, job.id, owner)
    return subscription, await subscription.begin(position)
