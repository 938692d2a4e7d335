"""ASGI middleware that requires an API key before a request is read.

It covers every path below /v1 but the index, so that a route cannot be left out. Only the event
streams also accept a ticket, for clients that cannot set headers, such as a browser's EventSource:
their routes redeem it. Authorization is up to the routes, which require scopes, and to the
repositories: each query is restricted to the rows of the owner.

A valid key is never rejected because of wrong ones, even if a proxy is the address of all clients.
"""

import re
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from services.gateway import problem_details
from services.gateway.app_state import AppState
from services.gateway.requests.rate_limit import Headers
from services.gateway.requests.scopes import VALID_KEY
from shared.db.api_keys import ValidKey
from shared.db.database import Database
from shared.db.tickets import StreamTickets
from shared.errors import OstinatoError, RateLimited, TooManyWrongKeys, Unauthenticated

PROTECTED = "/v1/"
SCHEME = b"bearer "
EVENT_STREAM = re.compile("/v1/jobs/[^/]+/events")
TICKET = re.compile(rb"(^|&)ticket=")


class AuthenticationMiddleware:
    """Responds 401 without a valid key, and 429 to more requests per second than allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan" or not _is_protected(scope):
            await self._app(scope, receive, send)
            return
        state: AppState = scope["app"].state.app_state
        headers: Headers = []
        try:
            scope[VALID_KEY] = key = await _authenticate(state, scope)
            decision = state.rate_limit.take(key.owner)
            headers = decision.headers
            if decision.retry_after:
                raise _rate_limited(state.settings.max_requests_per_second, decision.retry_after)
        except OstinatoError as error:
            if isinstance(error, Unauthenticated) and not _has_route(scope):
                await self._app(scope, receive, send)  # responds 404 or 405
                return
            await _reject(error, headers, scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def key_of(connection: HTTPConnection) -> ValidKey:
    """The key of an authenticated request.

    Raises:
        Unauthenticated: the request has a ticket instead of a key.
    """
    key: ValidKey | None = connection.scope.get(VALID_KEY)
    if key is None:
        raise Unauthenticated("Send your API key: `Authorization: Bearer ost_...`.")
    return key


async def stream_owner(database: Database, connection: HTTPConnection, job_id: UUID) -> str:
    """The owner of the ticket in the query string, or else of the key.

    Raises:
        Unauthenticated: the ticket was used, has expired or is for another job.
    """
    ticket = connection.query_params.get("ticket")
    if ticket is None:
        return key_of(connection).owner
    async with database.transaction() as transaction:
        owner = await StreamTickets(transaction).redeem(ticket, job_id)
    if owner is None:
        raise Unauthenticated("This ticket was used, has expired, or is for another job.")
    return owner


def _is_protected(scope: Scope) -> bool:
    path: str = scope["path"]
    if not path.startswith(PROTECTED) or path == PROTECTED:
        return False
    has_ticket = b"ticket=" in scope["query_string"] and TICKET.search(scope["query_string"])
    return not (has_ticket and EVENT_STREAM.fullmatch(path))


async def _authenticate(state: AppState, scope: Scope) -> ValidKey:
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    if not header.lower().startswith(SCHEME):
        raise Unauthenticated("Send your API key: `Authorization: Bearer ost_...`.")
    key = await state.keys.find(header[len(SCHEME) :].decode("latin-1").strip())
    if key is None:
        client = scope.get("client")
        raise _wrong_key(state, "" if client is None else client[0])
    state.key_uses.add(key.id)
    return key


def _wrong_key(state: AppState, address: str) -> OstinatoError:
    """The response to a key that is not valid; to more than a few per second, it is 429."""
    decision = state.wrong_keys.take(address)
    if decision.retry_after:
        return TooManyWrongKeys(
            f"{address or 'This client'} sends too many unknown API keys; check the key, and wait "
            f"{decision.retry_after} s.",
            retry_after=decision.retry_after,
        )
    return Unauthenticated("This API key is unknown or revoked, or has expired.")


def _rate_limited(per_second: float, retry_after: int) -> RateLimited:
    return RateLimited(
        f"You send more than {per_second:g} requests per second; wait {retry_after} s.",
        retry_after=retry_after,
    )


def _has_route(scope: Scope) -> bool:
    """Whether a route would handle the request, rather than respond 404 or 405."""
    return any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes)


async def _reject(
    error: OstinatoError, headers: Headers, scope: Scope, receive: Receive, send: Send
) -> None:
    response = problem_details.to_response(error)
    response.raw_headers += headers
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)
