"""`python -m services.dispatcher`: keep promises until TERM; several may run side by side."""

import asyncio
import signal
from contextlib import suppress

from services.dispatcher.deadlines import Deadlines
from services.dispatcher.reaper import Reaper
from services.dispatcher.relay import Relay
from services.dispatcher.retention import INTERVAL_SECONDS, Retention
from services.dispatcher.settings import DispatcherSettings
from shared.background import every
from shared.broker.celery_client import Hints
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.logs import configure
from shared.outbox_publisher import Publisher


async def dispatch(settings: DispatcherSettings) -> None:
    """Run all loops until TERM or INT."""
    database = Database(settings.database_url, pool_size=4)
    streams = EventStreams(settings.redis_url)
    hints = Hints(settings.redis_url)
    publisher = Publisher(database, streams, hints)
    loops = asyncio.gather(
        every(settings.relay_seconds, "The relay", Relay(publisher).step),
        every(
            settings.reap_seconds,
            "The reaper",
            Reaper(database, grace_seconds=settings.grace_seconds).step,
        ),
        every(settings.reap_seconds, "Deadlines", Deadlines(database, publisher).step),
        every(INTERVAL_SECONDS, "Retention", Retention(database).step),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, loops.cancel)
    with suppress(asyncio.CancelledError):
        await loops
    hints.close()
    await streams.close()
    await database.close()


if __name__ == "__main__":
    settings = DispatcherSettings()
    configure("dispatcher", settings.log_level)
    asyncio.run(dispatch(settings))
