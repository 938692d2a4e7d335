"""What you have used, by day."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.account.usage import Usage, UsageDay
from services.gateway.dependencies import App, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from shared.db.api_keys import ApiKeys
from shared.db.operations.usage import Usage as UsageRecords
from shared.db.retention.storage_usage import storage_usage
from shared.errors import InvalidRequest, NotFound

router = APIRouter(tags=["usage"], dependencies=[requires(*Scope)])


@router.get("/usage", responses=responses(NotFound, InvalidRequest))
async def get_usage(
    app: App,
    owner: Owner,
    days: Annotated[int, Query(ge=1, le=366, description="How many days, today included.")] = 31,
    key_id: Annotated[
        UUID | None, Query(description="Only jobs of this API key of yours; by default of all.")
    ] = None,
) -> Usage:
    """Get your jobs, melodies and tokens by day (UTC), and what you store.

    The days are of all your API keys, or of one with those that it replaces by rotation; what is
    stored is of all. The usage of a key stays when the key is deleted.
    """
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    async with app.database.connection() as connection:
        if key_id is not None:
            key_id = await _first_id(connection, key_id, owner)
        rows = await UsageRecords(connection).days(owner, since=since, key_id=key_id)
        storage = await storage_usage(connection, owner, app.settings.max_stored_bytes_per_owner)
    return Usage(
        items=[
            UsageDay(
                day=row.day,
                jobs=row.jobs,
                melodies=row.melodies,
                tokens=row.tokens,
                seconds=row.seconds,
            )
            for row in rows
        ],
        storage=storage,
    )


async def _first_id(connection: AsyncConnection, key_id: UUID, owner: str) -> UUID:
    """The id by which the usage of a key is counted.

    Raises:
        NotFound: it is no key of the owner, and has used nothing.
    """
    try:
        return await ApiKeys(connection).first_id(key_id, owner)
    except NotFound:
        if not await UsageRecords(connection).is_known(owner, key_id):
            raise
        return key_id
