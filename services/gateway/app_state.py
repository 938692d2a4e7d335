"""What one gateway holds while it runs: its connections, opened and closed together."""

from asyncio import Semaphore
from dataclasses import dataclass
from typing import Self

from services.gateway.settings import GatewaySettings
from shared.broker.celery_client import Hints
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import Publisher
from shared.storage.blobs import Blobs

LAST_WORDS_SECONDS = 2.0
"""For what was begun to be published; after that the dispatcher does it."""
INSPECTIONS = 2
"""MIDI files that are looked into at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The gateway's connections to PostgreSQL and Redis."""

    settings: GatewaySettings
    database: Database
    streams: EventStreams
    hints: Hints
    publisher: Publisher
    blobs: Blobs
    inspections: Semaphore
    """Each is a process beside us."""

    @classmethod
    def open(cls, settings: GatewaySettings) -> Self:
        """Connect lazily: nothing is reached before it is needed."""
        database = Database(settings.database_url, pool_size=20)
        streams = EventStreams(settings.redis_url)
        hints = Hints(settings.redis_url)
        return cls(
            settings=settings,
            database=database,
            streams=streams,
            hints=hints,
            publisher=Publisher(database, streams, hints),
            blobs=Blobs(settings.storage_url),
            inspections=Semaphore(INSPECTIONS),
        )

    async def close(self) -> None:
        """Wait for what was begun, then give everything back."""
        await self.publisher.finish(LAST_WORDS_SECONDS)
        self.hints.close()
        await self.streams.close()
        await self.database.close()
