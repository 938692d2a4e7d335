"""The relay of the outbox: says what was promised and, for whatever reason, not said at once."""

from datetime import timedelta

from shared.outbox_publisher import Publisher

GRACE = timedelta(seconds=1)
"""Who made a promise keeps it at once; only what is older is ours."""


class Relay:
    """Sweeps the outbox."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def step(self) -> None:
        """Keep what is overdue."""
        await self._publisher.sweep(GRACE)
