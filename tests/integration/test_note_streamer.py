"""The note streamer on a real Valkey: lost notes of a stream are published again."""

from uuid import uuid4

import pytest
from redis.asyncio import Redis

from deploy.local.stack import Stack
from ostinato.schemas.events import NotesEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import Note
from services.worker.active_shards import ActiveShards
from services.worker.note_streamer import NoteStreamer
from services.worker.shard_run import ShardRun
from shared.broker.streams import EventStreams
from shared.db.generation_shards import ClaimedShard, ShardItem
from tests.support.models import load_mini

NOTES = [Note(start * 480, 480, 60 + start, 90) for start in range(4)]


@pytest.fixture
def run() -> ShardRun:
    shard = ClaimedShard(
        shard_id=uuid4(),
        job_id=uuid4(),
        owner="ann",
        attempt=1,
        num_items=1,
        crashes=0,
        model="mini",
        is_interactive=True,
        items=[ShardItem(index=0, seed=1, request=GenerationRequest(model="mini", bars=2, seed=1))],
    )
    return ShardRun(shard, load_mini(max_num_seqs=2))


async def test_notes_that_redis_lost_are_published_again(
    run: ShardRun, streams: EventStreams, backends: Stack
) -> None:
    active = ActiveShards(reserved_interactive_seqs=1)
    active.in_flight[run.shard.shard_id] = run
    streamer = NoteStreamer(active, streams)
    builder = run.builders[0]
    builder.notes.extend(NOTES[:2])
    await streamer.publish_new_notes()
    async with Redis.from_url(backends.redis_url) as redis:
        await redis.flushall()
    builder.notes.extend(NOTES[2:])
    await streamer.publish_new_notes()
    await streamer.publish_new_notes()
    events = await streams.read(run.shard.job_id, 0)
    notes = [note for event in events if isinstance(event, NotesEvent) for note in event.notes]
    assert notes == NOTES
