"""Notifies subscribers of new events in streams, over one connection to Redis.

`append.lua` publishes a message to the stream's channel whenever it appends. The message has no
content: a subscriber reads the stream. So a lost message only delays a subscriber until its next
read, and a subscriber that waits costs Redis nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio.client import PubSub

from shared.background import run_periodically
from shared.broker.connections import Connections
from shared.errors import Unavailable

RECONNECT_SECONDS = 0.5
CANCEL_SECONDS = 0.1
PING_SECONDS = 5.0
"""After so long without a message, the connection is tested; it has as long to answer."""


class StreamListener:
    """Sets the events of subscribers when messages arrive on their channels."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._subscribers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def listen(self, channel: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the stream may have changed.

        That is after each message on the channel, once the subscription has begun, and when the
        connection to Redis is lost.
        """
        if self._task is None:
            step = self._listen_until_lost
            name = "The subscription to events"
            self._task = asyncio.create_task(run_periodically(RECONNECT_SECONDS, name, step))
        event = asyncio.Event()
        self._subscribers[channel].add(event)
        self._changed.set()
        try:
            yield event
        finally:
            self._subscribers[channel].discard(event)
            if not self._subscribers[channel]:
                del self._subscribers[channel]
            self._changed.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            await _cancel(self._task)

    async def _listen_until_lost(self) -> None:
        """Receive messages until the connection is lost; then let all subscribers look.

        Raises:
            Unavailable: the connection was lost, or does not answer.
        """
        try:
            async with self._connections.pubsub() as pubsub:
                await self._listen(pubsub)
        finally:
            for channel in list(self._subscribers):
                self._wake(channel)

    async def _listen(self, pubsub: PubSub) -> None:
        """Receive messages until the connection is lost.

        Raises:
            Unavailable: the connection was lost, or does not answer.
        """
        tasks = [
            asyncio.create_task(self._send_subscriptions(pubsub)),
            asyncio.create_task(self._receive(pubsub)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _cancel(*tasks)

    async def _send_subscriptions(self, pubsub: PubSub) -> None:
        """Subscribe to the channels that are wanted, those of many new subscribers at once."""
        subscribed: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self._subscribers)
            if new := wanted - subscribed:
                await pubsub.subscribe(*new)
            if unwanted := subscribed - wanted:
                await pubsub.unsubscribe(*unwanted)
            subscribed = wanted
            await self._changed.wait()

    async def _receive(self, pubsub: PubSub) -> None:
        is_tested = False
        while True:
            message = await pubsub.get_message(timeout=PING_SECONDS)
            if message is not None:
                is_tested = False
                self._wake(message["channel"])
            elif is_tested:
                raise Unavailable("Redis")
            else:
                is_tested = True
                await pubsub.ping()

    def _wake(self, channel: str) -> None:
        for event in self._subscribers.get(channel, ()):
            event.set()


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks until they end: the wait_for of Python 3.11, in redis-py, may lose one try."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_SECONDS)
