"""What routes ask for, as annotated types."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query
from fastapi.requests import HTTPConnection
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.app_state import State
from services.gateway.auth import owner_of_key
from shared.errors import InvalidRequest

BEARER = HTTPBearer(auto_error=False, description="An API key of `services.gateway.manage_api_keys`.")


def _state(connection: HTTPConnection) -> State:
    state: State = connection.app.state.gateway
    return state


Gateway = Annotated[State, Depends(_state)]


async def _owner(
    gateway: Gateway, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> str:
    return await owner_of_key(gateway.database, bearer.credentials if bearer else None)


Owner = Annotated[str, Depends(_owner)]
"""Whose key the request carries; 401 without one."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="The same key with the same body gives the same job again, never a second one.",
    ),
]
Traceparent = Annotated[str | None, Header(pattern="^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-")]
Limit = Annotated[int, Query(ge=1, le=200)]


def _before(cursor: str | None = None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise InvalidRequest("Pass the next_cursor of a page.", field="cursor") from error


Before = Annotated[UUID | None, Depends(_before)]
"""The cursor of a list that is newest first: the id of the last item seen."""

Place = Annotated[str | None, Query(alias="cursor", pattern="^[0-9]{1,9}$")]
"""The cursor of a list that is in order: the number of the last item seen."""
