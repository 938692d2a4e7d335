"""Event streams in Redis: one per job, numbered without gaps or duplicates.

Appending is idempotent: every event has an identity, and appending it a second time does nothing,
so a worker that repeats a shard publishes nothing twice. A stream is a cache: if it was lost, or
may have been cut by a restart or a failover of Redis, the gateway rebuilds it from PostgreSQL under
a new epoch. So it does if a Cluster moves the stream to another server.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from ostinato.schemas.events import EVENT_ADAPTER, Event
from ostinato.schemas.jobs import JobState
from shared.broker.connections import Script, ScriptCall, connect
from shared.broker.stream_entries import NotesBatch, StreamEntry

FORMAT = 3
"""Version of the stored events. Streams of another version are not read, but rebuilt."""
STREAM_TTL_SECONDS = 24 * 3600
"""How long a stream is kept after its last event; for a later subscriber it is rebuilt."""
FIRST_EVENT_ID = f"job:{JobState.QUEUED}"
"""The identity of the first event of every stream."""
MAX_CONNECTIONS = 64
MAX_SUBSCRIBERS = 10_000
MAX_EVENTS = 500
"""Events of one read."""
BLOCK_MILLISECONDS = 1000
"""How long a read waits for an event; shorter than the socket timeout."""


class EventStreams:
    """The event streams in Redis. Every method raises `Unavailable` if Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url, MAX_CONNECTIONS)
        # Reads block: they must not occupy the connections of the writers
        self._subscribers = connect(redis_url, MAX_SUBSCRIBERS)

    async def append(self, entries: Sequence[StreamEntry]) -> list[int]:
        """Append these entries in order, in one round trip; what a stream contains is skipped.

        In a Cluster it is one round trip to each server, at the same time.

        Returns for each `NotesBatch` how many notes of its melody the stream then has, and for each
        event 1 if it was appended, else 0.
        """
        results = await self._redis.run([_append_call(entry) for entry in entries])
        return [int(result) for result in results]

    async def epoch(self, job_id: UUID) -> str | None:
        """The stream's epoch; None if the stream or its first event is missing."""
        epoch: str | None
        [epoch] = await self._redis.run([_call(_EPOCH, job_id, FIRST_EVENT_ID)])
        return epoch

    async def read(self, job_id: UUID, after: int) -> list[Event]:
        """The events after this number; empty if none arrives within a second."""
        streams = await self._subscribers.read(
            stream_key(job_id), f"{after}-0", count=MAX_EVENTS, block=BLOCK_MILLISECONDS
        )
        entries = [entry for _, stream in streams or [] for entry in stream]
        return [_event(seq, fields) for seq, fields in entries]

    async def ping(self) -> None:
        """Raise `Unavailable` unless Redis answers."""
        await self._redis.ping()

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.close()
        await self._subscribers.close()


def _event(seq: str, fields: dict[str, str]) -> Event:
    base = {"epoch": fields["epoch"], "seq": int(seq.partition("-")[0]), "at": int(fields["at"])}
    return EVENT_ADAPTER.validate_python({**json.loads(fields["event"]), **base})


def _notes_args(batch: NotesBatch) -> list[str | int]:
    return [batch.melody, batch.first, batch.bars, *(json.dumps(note) for note in batch.notes)]


def stream_key(job_id: UUID | str) -> str:
    """The Redis key of a job's stream."""
    return _key(job_id, "events")


def _key(job_id: UUID | str, name: str) -> str:
    """A key of a job; a Cluster hashes the part in braces, so it stores the job's keys together."""
    return f"job:{{{job_id}}}:{name}:{FORMAT}"


def _append_call(entry: StreamEntry) -> ScriptCall:
    if isinstance(entry, NotesBatch):
        return _call(_APPEND_NOTES, entry.job_id, *_notes_args(entry))
    return _call(_APPEND, entry.job_id, entry.identity, json.dumps(entry.event), FIRST_EVENT_ID)


def _call(script: Script, job_id: UUID, *args: str | int) -> ScriptCall:
    """A call for a job's keys; an epoch for a new stream and the time to live precede `args`."""
    keys = [stream_key(job_id), _key(job_id, "meta")]
    return ScriptCall(script, keys, [uuid4().hex, STREAM_TTL_SECONDS, *args])


def _lua(name: str) -> Script:
    parts = [Path(__file__).with_name(f"{part}.lua").read_text() for part in ("stream", name)]
    return Script.of("".join(parts))


_APPEND = _lua("append")
_APPEND_NOTES = _lua("append_notes")
_EPOCH = _lua("epoch")
