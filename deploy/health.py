"""`python -m deploy.health worker|dispatcher|trainer`: a container's health check.

For services without HTTP; exit code 0 or 1. It checks what the service has recently written to the
database, because a process that is alive may be stuck.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.db.outbox import Outbox
from shared.db.trainer.trainers import Trainers
from shared.db.workers import Workers
from shared.settings import CommonSettings

MAX_OUTBOX_AGE = timedelta(seconds=30)
"""An older message means that the dispatcher's relay is not working."""

Check = Callable[[AsyncConnection], Awaitable[bool]]


async def worker(connection: AsyncConnection) -> bool:
    """Whether a worker of this host has a recent heartbeat, and serves a model."""
    workers = await Workers(connection).live()
    return _is_on_this_host(row.name for row in workers if row.loaded_models)


async def dispatcher(connection: AsyncConnection) -> bool:
    """Whether the outbox has no old messages."""
    overdue, _ = await Outbox(connection).overdue(MAX_OUTBOX_AGE)
    return not overdue


async def trainer(connection: AsyncConnection) -> bool:
    """Whether a trainer of this host has a recent heartbeat.

    It has none before the trainer has registered the checkpoint folders. The trainer alone judges
    those; its log names what it does not register.
    """
    return _is_on_this_host(await Trainers(connection).live())


def _is_on_this_host(names: Iterable[str]) -> bool:
    return any(name.endswith(f"@{socket.gethostname()}") for name in names)


CHECKS: dict[str, Check] = {"worker": worker, "dispatcher": dispatcher, "trainer": trainer}


async def is_healthy(check: Check, settings: CommonSettings) -> bool:
    """Run one check over a new connection."""
    database = Database.from_settings(settings, pool_size=1)
    try:
        async with database.transaction() as connection:
            return await check(connection)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(not asyncio.run(is_healthy(CHECKS[sys.argv[1]], CommonSettings.load())))
