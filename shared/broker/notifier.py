"""Notifies workers and trainers through Celery that shards are queued.

A notification names no shard: its receiver claims in PostgreSQL what it has capacity for. So a few
notifications stand for any number of shards, and one that is lost only delays a claim until the
receiver's next look at the queue.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping

from shared.broker.celery_client import TaskSender
from shared.errors import Unavailable

log = logging.getLogger(__name__)

MIN_INTERVAL_SECONDS = 0.05
"""Shards that are queued within this time are notified together."""
MAX_NOTIFICATIONS = 8
"""Notifications of one queue at a time: the number of receivers that start to claim at once."""


class QueueNotifier:
    """Sends notifications in the background; one task serves all queues."""

    def __init__(self, sender: TaskSender) -> None:
        self._sender = sender
        self._shards: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    def notify(self, shards: Mapping[str, int]) -> None:
        """Notify of this number of queued shards, by queue."""
        self._shards.update(shards)
        if self._shards and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._send())

    async def drain(self) -> None:
        """Wait until every notification is sent; if cancelled, the others are dropped."""
        if self._task is not None:
            await self._task

    async def _send(self) -> None:
        while self._shards:
            shards, self._shards = self._shards, Counter()
            counts = {queue: min(count, MAX_NOTIFICATIONS) for queue, count in shards.items()}
            try:
                await self._sender.send(counts)
            except Unavailable as error:
                log.warning("Workers find queued shards at their next look: %s", error.detail)
            await asyncio.sleep(MIN_INTERVAL_SECONDS)
