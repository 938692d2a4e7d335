"""`python -m services.dispatcher`: run the loops until SIGTERM.

Several instances may run at once.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import suppress

from services.dispatcher.deadlines import Deadlines
from services.dispatcher.due_work import DueWork, when_due
from services.dispatcher.reaper import Reaper
from services.dispatcher.relay import MIN_MESSAGE_AGE, Relay
from services.dispatcher.retention import RETENTION_INTERVAL_SECONDS, Purge, Retention
from services.dispatcher.settings import DispatcherSettings
from services.dispatcher.webhooks.deliverer import Deliverer
from services.dispatcher.webhooks.sender import WebhookSender
from shared.background import run_periodically
from shared.broker.celery_client import TaskSender
from shared.broker.notifier import QueueNotifier
from shared.broker.server_check import check_redis_mode
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.logs import configure
from shared.metric_reporter import reporting
from shared.outbox_publisher import OutboxPublisher
from shared.process_exit import STOP_SIGNALS, ExitLimit

DATABASE_POOL_SIZE = 7
"""Of SQLAlchemy, and as many of the driver, which the relay alone uses."""


async def run(settings: DispatcherSettings) -> None:
    """Run all loops until SIGTERM or SIGINT."""
    database = Database.from_settings(settings, pool_size=DATABASE_POOL_SIZE)
    streams = EventStreams(settings.streams_url)
    task_sender = TaskSender(settings.redis_url)
    publisher = OutboxPublisher(database, streams, QueueNotifier(task_sender))
    due = DueWork(database, MIN_MESSAGE_AGE)
    timeout_seconds = settings.webhook_timeout_seconds
    sender = WebhookSender(
        timeout_seconds=timeout_seconds, allow_local=settings.webhooks_allow_local
    )
    deliverer = Deliverer(database, sender, due.webhooks, timeout_seconds=timeout_seconds)
    loops = asyncio.gather(
        *_core_loops(settings, database, publisher, due),
        run_periodically(0.0, "The purge", when_due(due.deletions, Purge(database, streams).step)),
        run_periodically(0.0, "The deliverer", when_due(due.webhooks, deliverer.step)),
    )
    limit = ExitLimit()

    def stop() -> None:
        """End the loops, and this process in time."""
        limit.start()
        loops.cancel()

    for signal_number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(signal_number, stop)
    limit.start_on_stop_signals()  # also if the event loop is blocked
    async with reporting(database, "dispatcher"):
        with suppress(asyncio.CancelledError):
            await loops
    await deliverer.close()
    await sender.close()
    task_sender.close()
    await streams.close()
    await database.close()


def _core_loops(
    settings: DispatcherSettings, database: Database, publisher: OutboxPublisher, due: DueWork
) -> Iterator[Coroutine[object, object, None]]:
    """The loops that no job can do without."""
    reaper = Reaper(database, outage_grace_seconds=settings.outage_grace_seconds)
    deadlines, retention = Deadlines(database, publisher), Retention(database, settings)

    async def look() -> None:
        """Look for due work; an answer is what the reaper waits for after an outage."""
        await due.look()
        reaper.record_success()

    yield run_periodically(settings.dispatcher_interval_seconds, "The search for due work", look)
    yield run_periodically(0.0, "The relay", when_due(due.messages, Relay(publisher).step))
    yield run_periodically(0.0, "The reaper", when_due(due.leases, reaper.step))
    yield run_periodically(0.0, "The deadline check", when_due(due.deadlines, deadlines.step))
    yield run_periodically(RETENTION_INTERVAL_SECONDS, "Retention", retention.step)


if __name__ == "__main__":
    settings = DispatcherSettings.load()
    configure("dispatcher", settings.log_level, settings.log_format)
    check_redis_mode(settings)
    asyncio.run(run(settings))
