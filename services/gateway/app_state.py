"""The connections of a running gateway, opened and closed together."""

from asyncio import Semaphore
from dataclasses import dataclass
from functools import partial
from typing import Self

from services.gateway.owner_submissions import OwnerSubmissions
from services.gateway.requests.key_cache import KeyCache
from services.gateway.requests.key_uses import KeyUses
from services.gateway.requests.open_streams import OpenStreams
from services.gateway.requests.rate_limit import RateLimit
from services.gateway.requests.recent_read import RecentRead
from services.gateway.serving.model_status import Serving
from services.gateway.serving.owned_capabilities import OwnedCapabilities
from services.gateway.settings import GatewaySettings
from shared.broker.celery_client import TaskSender
from shared.broker.connections import Connections, connect
from shared.broker.notifier import QueueNotifier
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.metrics.instruments import EVENT_STREAMS
from shared.outbox_publisher import OutboxPublisher
from shared.storage.blobs import Blobs

FINAL_PUBLISH_TIMEOUT = 2.0
"""Seconds for pending messages at shutdown; the dispatcher publishes the rest."""
MAX_CONCURRENT_INSPECTIONS = 2
HEALTH_CHECK_CONNECTIONS = 2
WRONG_KEYS_PER_SECOND, WRONG_KEYS_AT_ONCE = 1, 100
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
    capabilities: RecentRead[OwnedCapabilities]
    """What a key may request of each version."""
    serving: RecentRead[Serving]
    """Which models the workers serve."""
    blobs: Blobs
    keys: KeyCache
    key_uses: KeyUses
    rate_limit: RateLimit
    wrong_keys: RateLimit
    """Limits the wrong keys of each address."""
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
            capabilities=RecentRead(partial(OwnedCapabilities.read, database)),
            serving=RecentRead(partial(Serving.read, database)),
            blobs=Blobs(settings.storage_url),
            keys=KeyCache(database),
            key_uses=KeyUses(database),
            rate_limit=RateLimit(settings.max_requests_per_second, settings.request_burst),
            wrong_keys=RateLimit(WRONG_KEYS_PER_SECOND, WRONG_KEYS_AT_ONCE),
            open_streams=OpenStreams(settings.max_streams_per_owner),
            inspections=Semaphore(MAX_CONCURRENT_INSPECTIONS),
        )

    def measure(self) -> None:
        """Set the gauges of this process."""
        EVENT_STREAMS.set(self.open_streams.total)

    async def close(self) -> None:
        """Publish pending messages, record used keys, then close the connections."""
        await self.key_uses.close()
        await self.publisher.drain(FINAL_PUBLISH_TIMEOUT)
        self.task_sender.close()
        await self.broker.close()
        await self.streams.close()
        await self.database.close()
