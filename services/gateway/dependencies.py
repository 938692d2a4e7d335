"""FastAPI dependencies of the routes, as annotated types."""

from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Depends, Header, Query
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.requests import HTTPConnection
from fastapi.security.base import SecurityBase

from services.gateway.app_state import AppState
from services.gateway.keys import authentication
from shared.db.api_keys import ValidKey
from shared.errors import InvalidRequest


class _ApiKey(SecurityBase):
    """The security scheme of the OpenAPI document; the middleware has checked the key."""

    scheme_name = "HTTPBearer"
    model = HTTPBearerModel(
        description="An API key: `make up` prints one; operators create others with "
        "`python -m services.gateway.keys.manage_api_keys`.",
    )

    async def __call__(self, connection: HTTPConnection) -> ValidKey:
        """The key."""
        return authentication.key_of(connection)


class _Owner(_ApiKey):
    """The same scheme, for routes that need the owner only."""

    async def __call__(self, connection: HTTPConnection) -> str:  # type: ignore[override]
        """The owner of the key."""
        return authentication.key_of(connection).owner


Ticket = Annotated[str | None, Query(description="A ticket, instead of the API key.")]


class _ApiKeyOrTicket(_ApiKey):
    """The same scheme, for routes that also accept a ticket."""

    async def __call__(self, ticket: Ticket = None) -> None:  # type: ignore[override]
        """Nothing: the route finds the owner."""


async def _app_state(connection: HTTPConnection) -> AppState:
    app_state: AppState = connection.app.state.app_state
    return app_state


App = Annotated[AppState, Depends(_app_state)]

Caller = Annotated[ValidKey, Depends(_ApiKey())]
"""The API key of the request; 401 without a valid key."""

Owner = Annotated[str, Depends(_Owner())]
"""The owner of the API key of the request; 401 without a valid key."""

API_KEY_OR_TICKET = Depends(_ApiKeyOrTicket())
"""Lists both in the OpenAPI document; the page /docs then sends the key."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="Repeating a request with the same key returns the same job.",
    ),
]
Traceparent = Annotated[
    str | None,
    Header(
        pattern="^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-",
        description="W3C trace context, which the messages to workers carry on.",
    ),
]


class SubmissionHeaders(NamedTuple):
    """The optional headers of a request that submits a job."""

    idempotency_key: str | None
    traceparent: str | None


async def _submission_headers(
    idempotency_key: IdempotencyKey = None, traceparent: Traceparent = None
) -> SubmissionHeaders:
    return SubmissionHeaders(idempotency_key, traceparent)


SubmittedWith = Annotated[SubmissionHeaders, Depends(_submission_headers)]
Limit = Annotated[int, Query(ge=1, le=200, description="Number of items on a page.")]

CURSOR_DESCRIPTION = "The `next_cursor` of the page before; without it, the first page."


async def _id_cursor(
    cursor: Annotated[str | None, Query(description=CURSOR_DESCRIPTION)] = None,
) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise InvalidRequest("Pass the next_cursor of a page.", field="cursor") from error


IdCursor = Annotated[UUID | None, Depends(_id_cursor)]
"""The cursor of a list with the newest item first: the id of the last item of the page before."""

OffsetCursor = Annotated[
    str | None,
    Query(alias="cursor", pattern="^[0-9]{1,9}$", description=CURSOR_DESCRIPTION),
]
"""The cursor of a numbered list: the number of the last item of the page before."""
