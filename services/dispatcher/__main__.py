"""`python -m services.dispatcher`: run the loops until SIGTERM.

Several instances may run at once.
"""

import asyncio
import signal
from contextlib import suppress

from services.dispatcher.deadlines import Deadlines
from services.dispatcher.due_work import DueWork, when_due
from services.dispatcher.reaper import Reaper
from services.dispatcher.relay import MIN_MESSAGE_AGE, Relay
from services.dispatcher.retention import RETENTION_INTERVAL_SECONDS, Retention
from services.dispatcher.settings import DispatcherSettings
from shared.background import run_periodically
from shared.broker.celery_client import TaskSender
from shared.broker.notifier import QueueNotifier
from shared.broker.server_check import check_redis_mode
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.logs import configure
from shared.metric_reporter import reporting
from shared.outbox_publisher import OutboxPublisher

DATABASE_POOL_SIZE = 4
"""One connection per loop."""


async def run(settings: DispatcherSettings) -> None:
    """Run all loops until SIGTERM or SIGINT."""
    database = Database.from_settings(settings, pool_size=DATABASE_POOL_SIZE)
    streams = EventStreams(settings.streams_url)
    task_sender = TaskSender(settings.redis_url)
    publisher = OutboxPublisher(database, streams, QueueNotifier(task_sender))
    relay = Relay(publisher)
    reaper = Reaper(database, outage_grace_seconds=settings.outage_grace_seconds)
    deadlines = Deadlines(database, publisher)
    retention = Retention(database)
    due = DueWork(database, MIN_MESSAGE_AGE)

    async def look() -> None:
        """Look for due work; an answer is what the reaper waits for after an outage."""
        await due.look()
        reaper.record_success()

    loops = asyncio.gather(
        run_periodically(settings.dispatcher_interval_seconds, "The search for due work", look),
        run_periodically(0.0, "The relay", when_due(due.messages, relay.step)),
        run_periodically(0.0, "The reaper", when_due(due.leases, reaper.step)),
        run_periodically(0.0, "The deadline check", when_due(due.deadlines, deadlines.step)),
        run_periodically(RETENTION_INTERVAL_SECONDS, "Retention", retention.step),
    )
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, loops.cancel)
    async with reporting(database, "dispatcher"):
        with suppress(asyncio.CancelledError):
            await loops
    task_sender.close()
    await streams.close()
    await database.close()


if __name__ == "__main__":
    settings = DispatcherSettings.load()
    configure("dispatcher", settings.log_level, settings.log_format)
    check_redis_mode(settings)
    asyncio.run(run(settings))
