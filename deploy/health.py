"""`python -m deploy.health worker|dispatcher|trainer`: does it do its work? Exit code 0 or 1.

For the health checks of containers that serve no HTTP. It asks the truth for the traces of work, as
far as a program leaves any: a process may live on and consume nothing. Refuses to mend anything.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.models import ModelCard
from shared.db.database import Database
from shared.db.models import Models
from shared.db.outbox import Outbox
from shared.db.workers import Workers
from shared.settings import CommonSettings

OVERDUE = timedelta(seconds=30)
"""A promise this old: nobody sweeps the outbox."""

Check = Callable[[AsyncConnection, CommonSettings], Awaitable[bool]]


async def worker(connection: AsyncConnection, _settings: CommonSettings) -> bool:
    """A worker of this host renews its row."""
    names = [row.name for row in await Workers(connection).alive()]
    return any(name.endswith(f"@{socket.gethostname()}") for name in names)


async def dispatcher(connection: AsyncConnection, _settings: CommonSettings) -> bool:
    """No promise lies about."""
    return not await Outbox(connection).overdue(OVERDUE)


async def trainer(connection: AsyncConnection, settings: CommonSettings) -> bool:
    """Every checkpoint is registered as its card says.

    One that hangs is not seen here; the leases of its errands end, and they wait for another.
    """
    files = settings.checkpoints.glob("*/card.json")
    cards = [ModelCard.model_validate_json(file.read_bytes()) for file in files]
    registered = {version.sha256 for version in await Models(connection).all()}
    return {card.sha256 for card in cards} <= registered


CHECKS: dict[str, Check] = {"worker": worker, "dispatcher": dispatcher, "trainer": trainer}


async def is_well(check: Check, settings: CommonSettings) -> bool:
    """Ask once, over a connection of its own."""
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.transaction() as connection:
            return await check(connection, settings)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(not asyncio.run(is_well(CHECKS[sys.argv[1]], CommonSettings())))
