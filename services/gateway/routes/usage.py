"""What you have used, by day."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.account.usage import Usage, UsageDay
from services.gateway.dependencies import App, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from shared.db.operations.usage import Usage as UsageRecords
from shared.db.retention.storage_usage import storage_usage
from shared.errors import InvalidRequest

router = APIRouter(tags=["usage"], dependencies=[requires(*Scope)])


@router.get("/usage", responses=responses(InvalidRequest))
async def get_usage(
    app: App,
    owner: Owner,
    days: Annotated[int, Query(ge=1, le=366, description="How many days, today included.")] = 31,
) -> Usage:
    """Get your jobs, melodies and tokens by day (UTC), of all your API keys, and what you store."""
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    async with app.database.connection() as connection:
        rows = await UsageRecords(connection).days(owner, since=since)
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
