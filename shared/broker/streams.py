"""Event streams in Redis: one per job, numbered without gaps or duplicates.

Appending is idempotent: every event has an identity, and appending it a second time does nothing,
so a worker that repeats a shard publishes nothing twice. A stream is a cache: if it was lost, or
may have been cut by a restart of Redis, the gateway rebuilds it from PostgreSQL under a new epoch.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from ostinato.schemas.events import EVENT_ADAPTER, Event
from ostinato.schemas.jobs import JobState
from shared.broker.stream_entries import NotesBatch, StreamEntry
from shared.errors import Unavailable

FORMAT = 2
"""Version of the stored events. Streams of another version are not read, but rebuilt."""
STREAM_TTL_SECONDS = 24 * 3600
"""How long a stream is kept after its last event; for a later subscriber it is rebuilt."""
FIRST_EVENT_ID = f"job:{JobState.QUEUED}"
"""The identity of the first event of every stream."""
SOCKET_TIMEOUT_SECONDS = 5
MAX_CONNECTIONS = 64
MAX_SUBSCRIBERS = 10_000
BLOCK_MILLISECONDS = 1000
"""How long a read waits for an event; shorter than the socket timeout."""


class EventStreams:
    """The event streams in Redis. Every method raises `Unavailable` if Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        self._redis = _connect(redis_url, MAX_CONNECTIONS)
        # Reads block: they must not occupy the connections of the writers
        self._subscribers = _connect(redis_url, MAX_SUBSCRIBERS)
        self._append = self._redis.register_script(_lua("append"))
        self._append_notes = self._redis.register_script(_lua("append_notes"))
        self._epoch = self._redis.register_script(_lua("epoch"))

    async def append(self, entries: Sequence[StreamEntry]) -> list[int]:
        """Append these entries in order, in one round trip; what a stream contains is skipped.

        Returns for each `NotesBatch` how many notes of its melody the stream then has, and for each
        event 1 if it was appended, else 0.
        """
        async with _translate_redis_errors(), self._redis.pipeline(transaction=False) as pipeline:
            for entry in entries:
                if isinstance(entry, NotesBatch):
                    script, args = self._append_notes, _notes_args(entry)
                else:
                    event = json.dumps(entry.event)
                    script, args = self._append, [entry.identity, event, FIRST_EVENT_ID]
                await script(
                    keys=_keys(entry.job_id), args=[*_script_args(), *args], client=pipeline
                )
            return [int(result) for result in await pipeline.execute()]

    async def epoch(self, job_id: UUID) -> str | None:
        """The stream's epoch; None if the stream or its first event is missing."""
        async with _translate_redis_errors():
            epoch: str | None = await self._epoch(
                keys=_keys(job_id), args=[*_script_args(), FIRST_EVENT_ID]
            )
            return epoch

    async def read(self, job_id: UUID, after: int) -> list[Event]:
        """The events after this number; empty if none arrives within a second."""
        async with _translate_redis_errors():
            response: Any = await self._subscribers.xread(
                {stream_key(job_id): f"{after}-0"}, count=500, block=BLOCK_MILLISECONDS
            )
        entries = [entry for _, stream in response or [] for entry in stream]
        return [_event(seq, fields) for seq, fields in entries]

    async def ping(self) -> None:
        """Raise `Unavailable` unless Redis answers."""
        async with _translate_redis_errors():
            await self._redis.ping()

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
        await self._subscribers.aclose()


def _connect(redis_url: str, max_connections: int) -> Redis:
    pool = BlockingConnectionPool.from_url(
        redis_url,
        max_connections=max_connections,
        timeout=SOCKET_TIMEOUT_SECONDS,
        socket_timeout=SOCKET_TIMEOUT_SECONDS,
        socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
        socket_keepalive=True,
        decode_responses=True,
    )
    return Redis.from_pool(pool)


def _event(seq: str, fields: dict[str, str]) -> Event:
    base = {"epoch": fields["epoch"], "seq": int(seq.partition("-")[0]), "at": int(fields["at"])}
    return EVENT_ADAPTER.validate_python({**json.loads(fields["event"]), **base})


def _notes_args(batch: NotesBatch) -> list[str | int]:
    return [batch.melody, batch.first, batch.bars, *(json.dumps(note) for note in batch.notes)]


def stream_key(job_id: UUID | str) -> str:
    """The Redis key of a job's stream."""
    return f"job:{job_id}:events:{FORMAT}"


def _keys(job_id: UUID) -> list[str]:
    return [stream_key(job_id), f"job:{job_id}:meta:{FORMAT}"]


def _script_args() -> tuple[str, int]:
    """The first arguments of every script: an epoch for a new stream, and the time to live."""
    return uuid4().hex, STREAM_TTL_SECONDS


def _lua(name: str) -> str:
    return "".join(Path(__file__).with_name(f"{part}.lua").read_text() for part in ("stream", name))


@asynccontextmanager
async def _translate_redis_errors() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable("Redis") from error
