"""`python -m deploy.health worker|dispatcher|trainer`: a container's health check.

For services without HTTP; exit code 0 or 1. It checks what the service has recently written to the
database, because a process that is alive may be stuck.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.models import ModelCard
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.outbox import Outbox
from shared.db.workers import Workers
from shared.settings import CommonSettings

MAX_OUTBOX_AGE = timedelta(seconds=30)
"""An older message means that the dispatcher's relay is not working."""

Check = Callable[[AsyncConnection, CommonSettings], Awaitable[bool]]


async def worker(connection: AsyncConnection, _settings: CommonSettings) -> bool:
    """Whether a worker of this host has a recent heartbeat, and serves a model."""
    host = f"@{socket.gethostname()}"
    workers = await Workers(connection).live()
    return any(row.name.endswith(host) and row.loaded_models for row in workers)


async def dispatcher(connection: AsyncConnection, _settings: CommonSettings) -> bool:
    """Whether the outbox has no old messages."""
    overdue, _ = await Outbox(connection).overdue(MAX_OUTBOX_AGE)
    return not overdue


async def trainer(connection: AsyncConnection, settings: CommonSettings) -> bool:
    """Whether every checkpoint is registered with the SHA-256 in its card.

    This does not detect a trainer that hangs; the leases of its jobs expire, and another trainer
    claims them.
    """
    files = settings.checkpoints_dir.glob("*/card.json")
    cards = [ModelCard.model_validate_json(file.read_bytes()) for file in files]
    registered = {version.sha256 for version in await ModelVersions(connection).list_versions()}
    return {card.sha256 for card in cards} <= registered


CHECKS: dict[str, Check] = {"worker": worker, "dispatcher": dispatcher, "trainer": trainer}


async def is_healthy(check: Check, settings: CommonSettings) -> bool:
    """Run one check over a new connection."""
    database = Database.from_settings(settings, pool_size=1)
    try:
        async with database.transaction() as connection:
            return await check(connection, settings)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(not asyncio.run(is_healthy(CHECKS[sys.argv[1]], CommonSettings.load())))
