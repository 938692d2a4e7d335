"""The connections of a running gateway, opened and closed together."""

from asyncio import Semaphore
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from ostinato.schemas.models import Capabilities
from services.gateway.owner_submissions import OwnerSubmissions
from services.gateway.requests.key_cache import KeyCache
from services.gateway.requests.open_streams import OpenStreams
from services.gateway.requests.rate_limit import RateLimit
from services.gateway.requests.recent_read import RecentRead
from services.gateway.serving.model_status import Serving
from services.gateway.settings import GatewaySettings
from shared.broker.celery_client import TaskSender
from shared.broker.connections import Connections, connect
from shared.broker.notifier import QueueNotifier
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.model_versions import read_capabilities
from shared.metrics.instruments import EVENT_STREAMS
from shared.outbox_publisher import OutboxPublisher
from shared.storage.blobs import Blobs

FINAL_PUBLISH_TIMEOUT = 2.0
"""Seconds for pending messages at shutdown; the dispatcher publishes the rest."""
MAX_CONCURRENT_INSPECTIONS = 2
HEALTH_CHECK_CONNECTIONS = 2
DATABASE_CONNECTIONS = 20
"""Of each pool, by all gateway processes; PostgreSQL accepts 100 connections by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """The settings, and the connections to PostgreSQL, Redis and the blob storage."""

    settings: GatewaySettings
    database: Database
    streams: EventStreams
    task_sender: TaskSender
    broker: Connections
    """Connections to the Redis of the notifications, for health checks."""
    submissions: OwnerSubmissions
    publisher: OutboxPublisher
    capabilities: RecentRead[Mapping[str, Capabilities | None]]
    """By version; None for a version of which no weights may be requested."""
    serving: RecentRead[Serving]
    """Which models the workers serve."""
    blobs: Blobs
    keys: KeyCache
    rate_limit: RateLimit
    open_streams: OpenStreams
    inspections: Semaphore
    """Limits how many child processes inspect MIDI files at once."""

    @classmethod
    def open(cls, settings: GatewaySettings) -> Self:
        """Create the clients; each connects on first use."""
        pool_size = max(DATABASE_CONNECTIONS // settings.gateway_processes, 2)
        database = Database.from_settings(settings, pool_size=pool_size)
        streams = EventStreams(settings.streams_url)
        task_sender = TaskSender(settings.redis_url)
        return cls(
            settings=settings,
            database=database,
            streams=streams,
            task_sender=task_sender,
            broker=connect(settings.redis_url, HEALTH_CHECK_CONNECTIONS),
            submissions=OwnerSubmissions(database, settings.max_pending_melodies),
            publisher=OutboxPublisher(database, streams, QueueNotifier(task_sender)),
            capabilities=RecentRead(partial(read_capabilities, database)),
            serving=RecentRead(partial(Serving.read, database)),
            blobs=Blobs(settings.storage_url),
            keys=KeyCache(database),
            rate_limit=RateLimit(settings.max_requests_per_second, settings.request_burst),
            open_streams=OpenStreams(settings.max_streams_per_owner),
            inspections=Semaphore(MAX_CONCURRENT_INSPECTIONS),
        )

    def measure(self) -> None:
        """Set the gauges of this process."""
        EVENT_STREAMS.set(self.open_streams.total)

    async def close(self) -> None:
        """Publish pending messages, then close the connections."""
        await self.publisher.drain(FINAL_PUBLISH_TIMEOUT)
        self.task_sender.close()
        await self.broker.close()
        await self.streams.close()
        await self.database.close()
