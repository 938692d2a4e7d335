"""Event streams in the real Valkey: numbered without gap, each event once, in one order for all."""

from uuid import UUID, uuid4

import pytest

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent, NotesEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Gist
from ostinato.schemas.notes import Note
from shared.broker.streams import EventStreams, NewNotes
from shared.errors import Unavailable

NOTES = [Note(start * 480, 480, 60 + start, 90) for start in range(6)]
GIST = Gist.of(NOTES[:2])


def new(job_id: UUID, first: int, last: int, bars: int = 0, melody: int = 0) -> NewNotes:
    return NewNotes(job_id=job_id, melody=melody, first=first, notes=NOTES[first:last], bars=bars)


async def test_events_are_numbered_from_one_and_carry_what_was_said(streams: EventStreams) -> None:
    job, melody = uuid4(), uuid4()
    await streams.append_job(job, JobState.QUEUED)
    await streams.append_notes([new(job, 0, 2, bars=1)])
    await streams.append_melody(job, 0, melody_id=melody, gist=GIST)
    queued, notes, done = await streams.read(job, 0)
    assert [event.seq for event in (queued, notes, done)] == [1, 2, 3]
    assert {event.epoch for event in (queued, notes, done)} == {await streams.epoch(job)}
    assert isinstance(queued, JobEvent)
    assert isinstance(notes, NotesEvent)
    assert (notes.first, notes.notes, notes.bars) == (0, NOTES[:2], 1)
    assert isinstance(done, MelodyEvent)
    assert (done.id, done.num_notes, done.lowest, done.highest) == (melody, 2, 60, 61)
    assert [event.seq for event in await streams.read(job, 2)] == [3]


async def test_saying_a_thing_twice_says_it_once(streams: EventStreams) -> None:
    job, melody = uuid4(), uuid4()
    for _ in range(2):
        await streams.append_job(job, JobState.QUEUED)
        await streams.append_melody(job, 0, melody_id=melody, gist=GIST)
        await streams.append_notes([new(job, 0, 3, bars=1)])
    assert len(await streams.read(job, 0)) == 3


async def test_a_melody_that_is_started_again_adds_only_what_is_new(streams: EventStreams) -> None:
    job = uuid4()
    assert await streams.append_notes([new(job, 0, 4)]) == [4]
    assert await streams.append_notes([new(job, 0, 2)]) == [4]
    assert await streams.append_notes([new(job, 2, 6)]) == [6]
    events = await streams.read(job, 0)
    heard = [note for event in events if isinstance(event, NotesEvent) for note in event.notes]
    assert heard == NOTES
    assert [event.first for event in events if isinstance(event, NotesEvent)] == [0, 4]


async def test_a_complete_bar_without_new_notes_is_told_once(streams: EventStreams) -> None:
    job = uuid4()
    await streams.append_notes([new(job, 0, 2, bars=0)])
    for _ in range(2):
        await streams.append_notes([new(job, 2, 2, bars=1)])
    bars = [event.bars for event in await streams.read(job, 0) if isinstance(event, NotesEvent)]
    assert bars == [0, 1]


async def test_notes_after_a_gap_are_refused_and_the_caller_hears_where_to_begin(
    streams: EventStreams,
) -> None:
    job = uuid4()
    await streams.append_notes([new(job, 0, 2)])
    assert await streams.append_notes([new(job, 4, 6)]) == [2]
    assert len(await streams.read(job, 0)) == 1


async def test_melodies_are_counted_apart(streams: EventStreams) -> None:
    job = uuid4()
    batch = [new(job, 0, 2, melody=0), new(job, 0, 3, melody=1)]
    assert await streams.append_notes(batch) == [2, 3]


async def test_a_stream_that_does_not_begin_at_the_beginning_has_no_epoch(
    streams: EventStreams,
) -> None:
    job = uuid4()
    assert await streams.epoch(job) is None
    await streams.append_notes([new(job, 0, 1)])
    assert await streams.epoch(job) is None
    await streams.append_job(job, JobState.QUEUED)
    assert await streams.epoch(job) is not None


async def test_a_stream_of_an_earlier_run_of_the_server_is_forgotten(servers: Stack) -> None:
    """A killed server may have lost the end; numbers that were heard must not come again."""
    job = uuid4()
    before = EventStreams(servers.redis_url)
    await before.append_job(job, JobState.QUEUED)
    await before.append_notes([new(job, 0, 4)])
    epoch = await before.epoch(job)
    await before.close()
    servers.kill("valkey")
    servers.restart("valkey")
    after = EventStreams(servers.redis_url)
    assert await after.epoch(job) is None
    assert await after.append_notes([new(job, 4, 6)]) == [0]
    await after.append_job(job, JobState.QUEUED)
    assert await after.epoch(job) not in (None, epoch)
    assert [event.seq for event in await after.read(job, 0)] == [1]
    await after.close()


async def test_what_is_said_of_a_lost_stream_is_left_to_whoever_tells_it_again(
    streams: EventStreams,
) -> None:
    job = uuid4()
    await streams.append_job(job, JobState.RUNNING)
    await streams.append_melody(job, 0, melody_id=uuid4(), gist=GIST)
    assert await streams.read(job, 0) == []


async def test_without_redis_everything_is_unavailable() -> None:
    nowhere = EventStreams("redis://127.0.0.1:1/0")
    with pytest.raises(Unavailable, match="Redis"):
        await nowhere.ping()
    with pytest.raises(Unavailable, match="Redis"):
        await nowhere.append_notes([new(uuid4(), 0, 1)])
    await nowhere.close()
