"""Outbox relay: publishes messages that a service did not publish itself."""

from datetime import timedelta

from shared.outbox_publisher import OutboxPublisher

MIN_MESSAGE_AGE = timedelta(seconds=1)
"""Younger messages are left to the service that wrote them."""


class Relay:
    """Publishes overdue messages."""

    def __init__(self, publisher: OutboxPublisher) -> None:
        self._publisher = publisher

    async def step(self) -> None:
        """Publish all overdue messages."""
        await self._publisher.publish_overdue(MIN_MESSAGE_AGE)
