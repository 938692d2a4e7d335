"""API keys: who am I; list, create, rotate and revoke keys."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import (
    ApiKey,
    ApiKeyRequest,
    CreatedApiKey,
    Identity,
    OwnerName,
    RotationRequest,
    Scope,
)
from ostinato.schemas.pages import Page
from services.gateway.dependencies import App, Caller, IdCursor, Limit
from services.gateway.problem_details import responses
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.requests.scopes import insufficient_scope, requires
from shared.db.api_keys import ApiKeys, ValidKey
from shared.errors import BodyTooLarge, InvalidRequest, NotFound, TooManyRequests

router = APIRouter(tags=["keys"], route_class=JsonBodyRoute, dependencies=[requires(*Scope)])

OwnerQuery = Annotated[
    OwnerName | None, Query(description="Another owner, with the scope `admin`.")
]
CREATION_ERRORS = responses(BodyTooLarge, InvalidRequest, TooManyRequests)


@router.get("/me")
async def get_identity(key: Caller) -> Identity:
    """Say who sends the request, and what its key may be used for."""
    scopes = [scope for scope in Scope if scope in key.scopes]
    return Identity(owner=key.owner, key_id=key.id, scopes=scopes, expires_at=key.expires_at)


@router.get("/keys", responses=responses(InvalidRequest))
async def list_keys(
    app: App, key: Caller, before: IdCursor, limit: Limit = 50, owner: OwnerQuery = None
) -> Page[ApiKey]:
    """List your valid keys, newest first, without their secrets."""
    owner = _resolve_owner(owner, key)
    async with app.database.connection() as connection:
        page = await ApiKeys(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.post("/keys", status_code=201, responses=CREATION_ERRORS)
async def create_key(request: ApiKeyRequest, app: App, key: Caller) -> CreatedApiKey:
    """Create a key; its secret is in this response only.

    Without the scope `admin`, it is a key of yours with scopes that your key has, and expires with
    your key at the latest.
    """
    owner = _resolve_owner(request.owner, key)
    _check_scopes(request.scopes, key)
    days = request.expires_in_days
    async with app.database.transaction() as connection:
        keys = ApiKeys(connection)
        await keys.make_room(owner)
        return await keys.create(
            owner,
            request.scopes,
            name=request.name,
            lifetime=None if days is None else timedelta(days=days),
            latest_expiry=None if key.is_admin else key.expires_at,
        )


@router.post(
    "/keys/{key_id}/rotate", status_code=201, responses=CREATION_ERRORS | responses(NotFound)
)
async def rotate_key(
    key_id: UUID, request: RotationRequest, app: App, key: Caller
) -> CreatedApiKey:
    """Replace a key: another one has its owner, name, scopes and expiry, and the old one ends."""
    async with app.database.transaction() as connection:
        keys = ApiKeys(connection)
        old = await _find(connection, key_id, key)
        await keys.make_room(old.owner)
        return await keys.rotate(old, timedelta(seconds=request.grace_seconds))


@router.delete("/keys/{key_id}", status_code=204, responses=responses(NotFound, InvalidRequest))
async def revoke_key(key_id: UUID, app: App, key: Caller) -> None:
    """Revoke a key, also the one of this request; it is valid for up to one more second."""
    async with app.database.transaction() as connection:
        await ApiKeys(connection).revoke((await _find(connection, key_id, key)).id)


def _resolve_owner(owner: str | None, key: ValidKey) -> str:
    """The owner whose keys a request is about.

    Raises:
        InsufficientScope: it is another one than that of the key, which is not an admin's.
    """
    if owner in {None, key.owner} or key.is_admin:
        return owner or key.owner
    raise insufficient_scope(Scope.ADMIN)


async def _find(connection: AsyncConnection, key_id: UUID, key: ValidKey) -> ApiKey:
    """A key that the key of the request may change.

    Raises:
        NotFound: there is no such key, or it has another owner.
        InsufficientScope: it has scopes that the key of the request has not.
    """
    found = await ApiKeys(connection).get(key_id)
    if not key.is_admin and found.owner != key.owner:
        raise NotFound("key", key_id)
    _check_scopes(found.scopes, key)
    return found


def _check_scopes(scopes: Collection[Scope], key: ValidKey) -> None:
    """Check that a key passes on, or changes, nothing that it does not permit itself."""
    missing = [scope for scope in Scope if scope in scopes and scope not in key.scopes]
    if missing and not key.is_admin:
        raise insufficient_scope(missing[0])
