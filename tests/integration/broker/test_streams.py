"""Event streams on one server, behind Sentinel and on a Cluster.

Gapless numbers, idempotent appends, epochs.
"""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from redis import Redis

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent, NotesEvent, ProgressEvent
from ostinato.schemas.jobs import JobState, StageProgress
from ostinato.schemas.melodies import MelodyStats
from ostinato.schemas.notes import Note
from shared.broker import streams as broker_streams
from shared.broker.stream_entries import (
    NotesBatch,
    StreamEntry,
    job_event,
    melody_event,
    progress_event,
)
from shared.broker.streams import EventStreams
from shared.errors import Unavailable
from tests.support.servers.redis_servers import MASTER_NAME, RedisServers, SentinelServers

UNREACHABLE = (
    "redis://127.0.0.1:1/0",
    "sentinel://127.0.0.1:1;sentinel://127.0.0.1:2/0?master_name=m",
    "redis+cluster://127.0.0.1:1",
)
NOTES = [Note(start * 480, 480, 60 + start, 90) for start in range(6)]
STATS = MelodyStats.from_notes(NOTES[:2])


@pytest.fixture
async def streams(redis_servers: RedisServers | Stack) -> AsyncIterator[EventStreams]:
    streams = EventStreams(redis_servers.redis_url)
    yield streams
    await streams.close()


def batch_of(job_id: UUID, first: int, last: int, bars: int = 0, melody: int = 0) -> NotesBatch:
    return NotesBatch(
        job_id=job_id,
        melody=melody,
        origin="weights",
        attempt=1,
        first=first,
        notes=NOTES[first:last],
        bars=bars,
    )


async def test_events_are_numbered_from_one(streams: EventStreams) -> None:
    job, melody = uuid4(), uuid4()
    await streams.append([job_event(job, JobState.QUEUED)])
    await streams.append([batch_of(job, 0, 2, bars=1)])
    await streams.append([melody_event(job, 0, melody_id=melody, stats=STATS)])
    queued, notes, done = await streams.read(job, 0)
    assert [event.seq for event in (queued, notes, done)] == [1, 2, 3]
    assert {event.epoch for event in (queued, notes, done)} == {await streams.epoch(job)}
    assert isinstance(queued, JobEvent)
    assert isinstance(notes, NotesEvent)
    assert (notes.first, notes.notes, notes.bars) == (0, NOTES[:2], 1)
    assert isinstance(done, MelodyEvent)
    assert (done.id, done.num_notes, done.lowest_pitch, done.highest_pitch) == (melody, 2, 60, 61)
    assert [event.seq for event in await streams.read(job, 2)] == [3]


async def test_appending_is_idempotent(streams: EventStreams) -> None:
    job, melody = uuid4(), uuid4()
    for _ in range(2):
        await streams.append([job_event(job, JobState.QUEUED)])
        await streams.append([melody_event(job, 0, melody_id=melody, stats=STATS)])
        await streams.append([batch_of(job, 0, 3, bars=1)])
    assert len(await streams.read(job, 0)) == 3


async def test_an_attempt_appends_each_share_of_a_stage_once(streams: EventStreams) -> None:
    job, half = uuid4(), StageProgress(stage="Scoring tunes", progress=0.5)
    await streams.append([job_event(job, JobState.QUEUED)])
    for attempt in (1, 1, 2):
        await streams.append([progress_event(job, attempt, half)])
    await streams.append([progress_event(job, 2, half.model_copy(update={"progress": 1.0}))])
    events = await streams.read(job, 1)
    assert [
        (event.stage, event.progress) for event in events if isinstance(event, ProgressEvent)
    ] == [("Scoring tunes", share) for share in (0.5, 0.5, 1.0)]


async def test_a_repeated_melody_appends_only_new_notes(streams: EventStreams) -> None:
    job = uuid4()
    assert await streams.append([batch_of(job, 0, 4)]) == [4]
    assert await streams.append([batch_of(job, 0, 2)]) == [4]
    assert await streams.append([batch_of(job, 2, 6)]) == [6]
    events = await streams.read(job, 0)
    notes = [note for event in events if isinstance(event, NotesEvent) for note in event.notes]
    assert notes == NOTES
    assert [event.first for event in events if isinstance(event, NotesEvent)] == [0, 4]


async def test_a_complete_bar_without_new_notes_is_appended_once(streams: EventStreams) -> None:
    job = uuid4()
    await streams.append([batch_of(job, 0, 2, bars=0)])
    for _ in range(2):
        await streams.append([batch_of(job, 2, 2, bars=1)])
    bars = [event.bars for event in await streams.read(job, 0) if isinstance(event, NotesEvent)]
    assert bars == [0, 1]


async def test_notes_after_a_gap_are_not_appended(
    streams: EventStreams,
) -> None:
    job = uuid4()
    await streams.append([batch_of(job, 0, 2)])
    assert await streams.append([batch_of(job, 4, 6)]) == [2]
    assert len(await streams.read(job, 0)) == 1


async def test_each_melody_has_its_own_note_count(streams: EventStreams) -> None:
    job = uuid4()
    batch = [batch_of(job, 0, 2, melody=0), batch_of(job, 0, 3, melody=1)]
    assert await streams.append(batch) == [2, 3]


async def test_a_stream_without_its_first_event_has_no_epoch(
    streams: EventStreams,
) -> None:
    job = uuid4()
    assert await streams.epoch(job) is None
    await streams.append([batch_of(job, 0, 1)])
    assert await streams.epoch(job) is None
    await streams.append([job_event(job, JobState.QUEUED)])
    assert await streams.epoch(job) is not None


async def test_more_entries_of_a_job_than_one_call_takes_stay_in_order(
    streams: EventStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_streams, "MAX_ARGUMENTS", 8)
    job, other = uuid4(), uuid4()
    entries: list[StreamEntry] = [
        job_event(job, JobState.QUEUED),
        job_event(other, JobState.QUEUED),
        *(batch_of(job, first, first + 2) for first in (0, 2, 4)),
        melody_event(job, 0, melody_id=uuid4(), stats=STATS),
    ]
    assert await streams.append(entries) == [1, 1, 2, 4, 6, 1]
    kinds = [type(event) for event in await streams.read(job, 0)]
    assert kinds == [JobEvent, NotesEvent, NotesEvent, NotesEvent, MelodyEvent]


async def test_entries_stay_in_order_on_a_server_that_lacks_scripts(backends: Stack) -> None:
    job, streams = uuid4(), EventStreams(backends.redis_url)
    with Redis.from_url(backends.redis_url) as redis:
        redis.script_flush()
    await streams.append([job_event(job, JobState.QUEUED)])
    await streams.append(
        [batch_of(job, 0, 2), melody_event(job, 0, melody_id=uuid4(), stats=STATS)]
    )
    kinds = [type(event) for event in await streams.read(job, 0)]
    assert kinds == [JobEvent, NotesEvent, MelodyEvent]
    await streams.close()


async def test_a_stream_from_before_a_restart_of_the_server_is_deleted(own_servers: Stack) -> None:
    """A killed server may have lost events; published numbers must not be assigned again."""
    job = uuid4()
    before = EventStreams(own_servers.redis_url)
    await before.append([job_event(job, JobState.QUEUED)])
    await before.append([batch_of(job, 0, 4)])
    epoch = await before.epoch(job)
    await before.close()
    own_servers.kill("valkey")
    own_servers.restart("valkey")
    after = EventStreams(own_servers.redis_url)
    assert await after.epoch(job) is None
    assert await after.append([batch_of(job, 4, 6)]) == [0]
    await after.append([job_event(job, JobState.QUEUED)])
    assert await after.epoch(job) not in (None, epoch)
    assert [event.seq for event in await after.read(job, 0)] == [1]
    await after.close()


async def test_a_stream_from_before_a_promotion_of_the_server_is_deleted(
    own_servers: Stack,
) -> None:
    """A replica that becomes the primary may not have received the last events."""
    job = uuid4()
    streams = EventStreams(own_servers.redis_url)
    await streams.append([job_event(job, JobState.QUEUED)])
    with Redis.from_url(own_servers.redis_url) as redis:
        redis.replicaof("127.0.0.1", 1)
        redis.replicaof("no", "one")
    assert await streams.epoch(job) is None
    await streams.close()


async def test_nothing_is_appended_to_a_lost_stream(
    streams: EventStreams,
) -> None:
    job = uuid4()
    await streams.append([job_event(job, JobState.RUNNING)])
    await streams.append([melody_event(job, 0, melody_id=uuid4(), stats=STATS)])
    assert await streams.read(job, 0) == []


@pytest.mark.parametrize("redis_url", UNREACHABLE)
async def test_without_redis_every_method_raises_unavailable(redis_url: str) -> None:
    unreachable = EventStreams(redis_url)
    with pytest.raises(Unavailable, match="Redis"):
        await unreachable.ping()
    with pytest.raises(Unavailable, match="Redis"):
        await unreachable.append([batch_of(uuid4(), 0, 1)])
    with pytest.raises(Unavailable, match="Redis"):
        await unreachable.read(uuid4(), 0)
    await unreachable.close()


async def test_a_primary_that_the_sentinels_do_not_know_is_unavailable(
    sentinel: SentinelServers,
) -> None:
    streams = EventStreams(sentinel.redis_url.replace(MASTER_NAME, "another"))
    with pytest.raises(Unavailable, match="Redis"):
        await streams.ping()
    await streams.close()
