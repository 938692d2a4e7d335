"""Receipts of jobs of all kinds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.receipts import JobReceipt
from services.gateway.dependencies import App, OffsetCursor, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from shared.db.job_queue.receipts import Receipts
from shared.errors import InvalidRequest, NotFound

router = APIRouter(
    tags=["jobs"], prefix="/jobs", dependencies=[requires(Scope.GENERATE, Scope.TRAIN)]
)

ShardLimit = Annotated[
    int, Query(ge=1, le=20, description="Number of shards on a page; each has up to 64 melodies.")
]


@router.get("/{job_id}/receipt", responses=responses(NotFound, InvalidRequest))
async def get_receipt(
    job_id: UUID, app: App, owner: Owner, cursor: OffsetCursor = None, limit: ShardLimit = 10
) -> JobReceipt:
    """Get the receipt of a job of any kind: its attempts, leases, weights, seeds and hashes.

    Shards are listed in the order of their first melodies, each with its melodies.
    """
    after = -1 if cursor is None else int(cursor)
    async with app.database.transaction() as connection:
        return await Receipts(connection).get(job_id, owner, after=after, limit=limit)
