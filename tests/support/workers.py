"""Reads the heartbeats of a stack's workers from the database."""

import asyncio

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.workers import WorkerRow, Workers


def live_workers(stack: Stack) -> list[WorkerRow]:
    """The workers with a recent heartbeat, as their last heartbeat describes them."""
    return asyncio.run(_live_workers(stack))


async def _live_workers(stack: Stack) -> list[WorkerRow]:
    database = Database(stack.database_url, pool_size=1)
    try:
        async with database.transaction() as connection:
            return await Workers(connection).live()
    finally:
        await database.close()
