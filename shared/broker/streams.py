"""The event stream of each job: a Redis stream whose numbers have no gap and whose events no twin.

Appending is idempotent: an event has an identity, and one that is there already is a no-op, so a
worker that starts a melody again tells nobody anything twice. Refuses to be the truth: a stream
that was lost, or that a restart of Redis may have cut short, is told again from PostgreSQL, under a
new epoch.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from ostinato.schemas.events import EVENT, Event
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Gist
from ostinato.schemas.notes import Note
from ostinato.schemas.trainings import TrainingPoint, TrainingStep
from shared.errors import Unavailable

TIME_TO_LIVE = 24 * 3600
"""Seconds that a stream outlives its last event; later subscribers have it told again."""
SOCKET_SECONDS = 5
BEGINNING = f"job:{JobState.QUEUED}"
"""The identity of the event that every stream begins with."""
MAX_LISTENERS = 10_000
BLOCK_MILLISECONDS = 1000
"""How long a read waits; below the socket's timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotes:
    """Notes of one melody, the first of which has the ordinal `first`."""

    job_id: UUID
    melody: int
    first: int
    notes: Sequence[Note]
    bars: int


class EventStreams:
    """The streams of one Redis. Every method raises `Unavailable` while Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        self._redis = _connect(redis_url, 64)
        # They block, and nobody may queue behind them
        self._listening = _connect(redis_url, MAX_LISTENERS)
        self._append = self._redis.register_script(_lua("append"))
        self._append_notes = self._redis.register_script(_lua("append_notes"))
        self._epoch = self._redis.register_script(_lua("epoch"))

    async def append_job(self, job_id: UUID, state: JobState, *, pauses: int = 0) -> None:
        """The job moved to this state; after each pause it may come to the same states again."""
        identity = f"job:{state}:{pauses}" if pauses else f"job:{state}"
        await self._append_once(job_id, identity, {"kind": "job", "state": state})

    async def append_point(self, job_id: UUID, point: TrainingPoint) -> None:
        """A training was examined."""
        event: dict[str, object] = {"kind": "point", "point": point.model_dump(mode="json")}
        await self._append_once(job_id, f"point:{point.step}", event)

    async def append_step(self, job_id: UUID, step: TrainingStep) -> None:
        """A training took a step."""
        event = {"kind": "step", **step.model_dump(mode="json")}
        await self._append_once(job_id, f"step:{step.step}", event)

    async def append_melody(
        self, job_id: UUID, melody: int, *, melody_id: UUID, gist: Gist
    ) -> None:
        """A melody is committed."""
        numbers = gist.model_dump(include=set(Gist.model_fields))
        event = {"kind": "melody", "melody": melody, "id": str(melody_id), **numbers}
        await self._append_once(job_id, f"{melody}:committed", event)

    async def _append_once(self, job_id: UUID, identity: str, event: dict[str, object]) -> None:
        async with _answering():
            await self._append(
                keys=_keys(job_id), args=[*_fresh(), identity, json.dumps(event), BEGINNING]
            )

    async def append_notes(self, batch: Sequence[NewNotes]) -> list[int]:
        """Append what is new of each; how many notes each melody's stream has now."""
        async with _answering(), self._redis.pipeline(transaction=False) as pipeline:
            for new in batch:
                await self._append_notes(
                    keys=_keys(new.job_id),
                    args=[
                        *(*_fresh(), new.melody, new.first, new.bars),
                        *(json.dumps(note) for note in new.notes),
                    ],
                    client=pipeline,
                )
            return [int(known) for known in await pipeline.execute()]

    async def epoch(self, job_id: UUID) -> str | None:
        """The stream's epoch; None if it is not there, or not from the beginning."""
        async with _answering():
            epoch: str | None = await self._epoch(keys=_keys(job_id), args=[*_fresh(), BEGINNING])
            return epoch

    async def read(self, job_id: UUID, after: int) -> list[Event]:
        """The events after this number; waits a second for one, then gives an empty list."""
        async with _answering():
            answer: Any = await self._listening.xread(
                {_keys(job_id)[0]: f"{after}-0"}, count=500, block=BLOCK_MILLISECONDS
            )
        entries = [entry for _, stream in answer or [] for entry in stream]
        return [_event(seq, fields) for seq, fields in entries]

    async def ping(self) -> None:
        """Raise `Unavailable` unless Redis answers."""
        async with _answering():
            await self._redis.ping()

    async def close(self) -> None:
        """Give all connections back."""
        await self._redis.aclose()
        await self._listening.aclose()


def _connect(redis_url: str, max_connections: int) -> Redis:
    pool = BlockingConnectionPool.from_url(
        redis_url,
        max_connections=max_connections,
        timeout=SOCKET_SECONDS,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        socket_keepalive=True,
        decode_responses=True,
    )
    return Redis.from_pool(pool)


def _event(seq: str, fields: dict[str, str]) -> Event:
    stamp = {"epoch": fields["epoch"], "seq": int(seq.partition("-")[0]), "at": int(fields["at"])}
    return EVENT.validate_python({**json.loads(fields["event"]), **stamp})


def _keys(job_id: UUID) -> list[str]:
    return [f"job:{job_id}:events", f"job:{job_id}:meta"]


def _fresh() -> tuple[str, int]:
    """What every script is given first: an epoch, should it need one, and the time to live."""
    return uuid4().hex, TIME_TO_LIVE


def _lua(name: str) -> str:
    return "".join(Path(__file__).with_name(f"{part}.lua").read_text() for part in ("stream", name))


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable("Redis") from error
