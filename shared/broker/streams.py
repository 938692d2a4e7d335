"""Event streams in Redis: one per job, numbered without gaps or duplicates.

Appending is idempotent: every event has an identity, and appending it a second time does nothing,
so a worker that repeats a shard publishes nothing twice. If it has other weights or numerics, its
notes differ, and the stream is deleted first. A stream is a cache: if it was deleted or lost, or
may have been cut by a restart or a failover of Redis, the gateway rebuilds it from PostgreSQL under
a new epoch. So it does if a Cluster moves the stream to another server.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from ostinato.schemas.events import EVENT_ADAPTER, Event
from ostinato.schemas.jobs import JobState
from shared.broker.connections import Script, ScriptCall, connect
from shared.broker.stream_entries import NotesBatch, StreamEntry
from shared.broker.stream_listener import StreamListener

FORMAT = 3
"""Version of the stored events. Streams of another version are not read, but rebuilt."""
STREAM_TTL_SECONDS = 24 * 3600
"""How long a stream is kept after its last event; for a later subscriber it is rebuilt."""
FIRST_EVENT_ID = f"job:{JobState.QUEUED}"
"""The identity of the first event of every stream."""
MAX_CONNECTIONS = 64
MAX_ARGUMENTS = 50_000
"""Arguments of one call: Redis accepts a million, and does nothing else during a call."""
MAX_EVENTS = 500
"""Events of one read."""


class EventStreams:
    """The event streams in Redis. Every method raises `Unavailable` if Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url, MAX_CONNECTIONS)
        self._listener = StreamListener(self._redis)

    async def append(self, entries: Sequence[StreamEntry]) -> list[int]:
        """Append these entries in order, in one round trip; what a stream contains is skipped.

        In a Cluster it is one round trip to each server, at the same time.

        Returns for each `NotesBatch` how many notes of its melody the stream then has, and for each
        event 1 if it was appended, else 0.
        """
        appends = _appends(entries)
        answers = await self._redis.run(
            [_call(_APPEND, append.job_id, FIRST_EVENT_ID, *append.args) for append in appends]
        )
        results = [0] * len(entries)
        for append, answer in zip(appends, answers, strict=True):
            for position, result in zip(append.positions, answer, strict=True):
                results[position] = int(result)
        return results

    async def delete(self, job_ids: Collection[UUID]) -> None:
        """Delete the streams of jobs, in one round trip to each server."""
        calls = [
            ScriptCall(_DELETE, [stream_key(job_id), _key(job_id, "meta")], [])
            for job_id in job_ids
        ]
        await self._redis.run(calls)

    async def epoch(self, job_id: UUID) -> str | None:
        """The stream's epoch; None if the stream or its first event is missing."""
        epoch: str | None
        [epoch] = await self._redis.run([_call(_EPOCH, job_id, FIRST_EVENT_ID)])
        return epoch

    async def read(self, job_id: UUID, after: int) -> list[Event]:
        """The next events after this number, at most `MAX_EVENTS`."""
        streams = await self._redis.read(stream_key(job_id), f"{after}-0", count=MAX_EVENTS)
        entries = [entry for _, stream in streams or [] for entry in stream]
        return [_event(seq, fields) for seq, fields in entries]

    def listen(self, job_id: UUID) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever the stream may have changed."""
        return self._listener.listen(stream_key(job_id))

    async def ping(self) -> None:
        """Raise `Unavailable` unless Redis answers."""
        await self._redis.ping()

    async def close(self) -> None:
        """Close all connections."""
        await self._listener.close()
        await self._redis.close()


def _event(seq: str, fields: dict[str, str]) -> Event:
    base = {"epoch": fields["epoch"], "seq": int(seq.partition("-")[0]), "at": int(fields["at"])}
    return EVENT_ADAPTER.validate_python({**json.loads(fields["event"]), **base})


def _args(entry: StreamEntry) -> list[str | int]:
    """The arguments of `append.lua` for one entry."""
    if isinstance(entry, NotesBatch):
        notes = [json.dumps(note) for note in entry.notes]
        identity = (entry.melody, entry.origin, entry.attempt)
        return ["notes", *identity, entry.first, entry.bars, len(notes), *notes]
    return ["event", entry.identity, json.dumps(entry.event)]


def stream_key(job_id: UUID | str) -> str:
    """The Redis key of a job's stream."""
    return _key(job_id, "events")


def _key(job_id: UUID | str, name: str) -> str:
    """A key of a job; a Cluster hashes the part in braces, so it stores the job's keys together."""
    return f"job:{{{job_id}}}:{name}:{FORMAT}"


@dataclass(slots=True)
class _Append:
    """Entries of one job that one call appends, with their positions among all entries."""

    job_id: UUID
    positions: list[int] = field(default_factory=list)
    args: list[str | int] = field(default_factory=list)


def _appends(entries: Sequence[StreamEntry]) -> list[_Append]:
    """One call for each job, or several for very many notes.

    If each entry had a call of its own, a later one could succeed although the server did not have
    the script yet for an earlier one.
    """
    appends: list[_Append] = []
    last: dict[UUID, _Append] = {}
    for position, entry in enumerate(entries):
        args = _args(entry)
        append = last.get(entry.job_id)
        if append is None or len(append.args) + len(args) > MAX_ARGUMENTS:
            append = last[entry.job_id] = _Append(entry.job_id)
            appends.append(append)
        append.positions.append(position)
        append.args += args
    return appends


def _call(script: Script, job_id: UUID, *args: str | int) -> ScriptCall:
    """A call for a job's keys; an epoch for a new stream and the time to live precede `args`."""
    keys = [stream_key(job_id), _key(job_id, "meta")]
    return ScriptCall(script, keys, [uuid4().hex, STREAM_TTL_SECONDS, *args])


def _lua(name: str) -> Script:
    parts = [Path(__file__).with_name(f"{part}.lua").read_text() for part in ("stream", name)]
    return Script.of("".join(parts))


_APPEND = _lua("append")
_EPOCH = _lua("epoch")
_DELETE = Script.of("redis.call('DEL', KEYS[1], KEYS[2]) return redis.call('PUBLISH', KEYS[1], '')")
