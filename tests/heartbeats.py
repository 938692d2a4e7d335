"""What the workers of a stack last said of themselves."""

import asyncio

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.workers import WorkerRow, Workers


def workers(stack: Stack) -> list[WorkerRow]:
    """Those that are alive, as their heartbeats have it."""
    return asyncio.run(_alive(stack))


async def _alive(stack: Stack) -> list[WorkerRow]:
    database = Database(stack.database_url, pool_size=1)
    async with database.transaction() as connection:
        alive = await Workers(connection).alive()
    await database.close()
    return alive
