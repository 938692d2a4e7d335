"""The events of a job, as server-sent events or over a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing, suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection
from starlette.status import WS_1000_NORMAL_CLOSURE, WS_1013_TRY_AGAIN_LATER
from starlette.websockets import WebSocketDisconnect

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.events import Event, ResyncEvent
from services.gateway import problem_details
from services.gateway.app_state import AppState
from services.gateway.cross_origin import check_websocket_origin
from services.gateway.dependencies import API_KEY_OR_TICKET, App
from services.gateway.event_subscription import JobEventSubscription, Position
from services.gateway.keys.authentication import stream_owner
from services.gateway.requests.scopes import requires
from shared.db.job_queue.job_store import JobStore
from shared.errors import (
    InvalidRequest,
    NotFound,
    OstinatoError,
    RateLimited,
    TooManyStreams,
    Unavailable,
)

router = APIRouter(tags=["events"], dependencies=[requires(Scope.GENERATE, Scope.TRAIN)])

After = Annotated[
    str | None,
    Query(description="`epoch:seq` of the last event received; without it, all events are sent."),
]


async def _open_until_the_end() -> AsyncIterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


Resources = Annotated[ExitStack, Depends(_open_until_the_end)]
"""What is released when the stream has ended."""


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    dependencies=[API_KEY_OR_TICKET],
    responses=problem_details.content("text/event-stream")
    | problem_details.responses(NotFound, InvalidRequest, RateLimited, TooManyStreams),
)
async def server_sent_events(
    job_id: UUID,
    request: Request,
    app: App,
    resources: Resources,
    after: After = None,
    last_event_id: Annotated[
        str | None, Header(description="As `after`; an EventSource sends it by itself.")
    ] = None,
) -> StreamingResponse:
    """Stream the job's events from the first one, or after the last one that you received."""
    subscription, resync = await _subscribe(app, request, job_id, last_event_id or after, resources)
    return StreamingResponse(
        _frames(subscription, resync),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _frames(
    subscription: JobEventSubscription, resync: ResyncEvent | None
) -> AsyncIterator[str]:
    """Server-sent events (WHATWG HTML, section 9.2); an outage ends the stream.

    The client reconnects with the id of its last event.
    """
    if resync is not None:
        yield _frame(resync)
    with suppress(Unavailable):
        async with aclosing(subscription.events()) as events:
            async for event in events:
                yield ": keep-alive\n\n" if event is None else _frame(event)


def _frame(event: Event) -> str:
    position = Position(event.epoch, event.seq)
    return f"id: {position}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n"


@router.websocket("/jobs/{job_id}/events")
async def websocket_events(
    job_id: UUID, websocket: WebSocket, app: App, resources: Resources, after: After = None
) -> None:
    """Send each event as a text frame, and close after the terminal one."""
    try:
        check_websocket_origin(websocket, app.settings.allowed_origins)
        subscription, resync = await _subscribe(app, websocket, job_id, after, resources)
    except OstinatoError as error:
        await websocket.send_denial_response(problem_details.to_response(error))
        return
    await websocket.accept()
    sender = asyncio.create_task(_send(websocket, subscription, resync))
    disconnect = asyncio.create_task(_wait_for_disconnect(websocket))
    await asyncio.wait({sender, disconnect}, return_when=asyncio.FIRST_COMPLETED)
    for task in (sender, disconnect):
        task.cancel()
    with suppress(asyncio.CancelledError, WebSocketDisconnect):
        await websocket.close(await _close_code(sender))


async def _send(
    websocket: WebSocket, subscription: JobEventSubscription, resync: ResyncEvent | None
) -> None:
    if resync is not None:
        await websocket.send_text(resync.model_dump_json())
    async with aclosing(subscription.events()) as events:
        async for event in events:
            if event is not None:
                await websocket.send_text(event.model_dump_json())


async def _close_code(sender: asyncio.Task[None]) -> int:
    """The close code; after an outage it asks the client to reconnect later."""
    try:
        await sender
    except Unavailable:
        return WS_1013_TRY_AGAIN_LATER
    return WS_1000_NORMAL_CLOSURE


async def _wait_for_disconnect(websocket: WebSocket) -> None:
    """Discard messages from the client until it disconnects."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _subscribe(
    app: AppState,
    connection: HTTPConnection,
    job_id: UUID,
    after: str | None,
    resources: ExitStack,
) -> tuple[JobEventSubscription, ResyncEvent | None]:
    position = None if after is None else Position.parse(after)
    owner = await stream_owner(app.database, connection, job_id)
    resources.enter_context(app.open_streams.hold(owner))
    async with app.database.transaction() as transaction:
        job = await JobStore(transaction).status(job_id, owner)
    subscription = JobEventSubscription(app, job.id, owner)
    return subscription, await subscription.resume_from(position)
