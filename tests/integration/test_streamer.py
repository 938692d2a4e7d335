"""The streamer on the real Valkey: what Redis has lost is told again from where its stream ends."""

from uuid import uuid4

import pytest
from redis.asyncio import Redis

from deploy.local.stack import Stack
from ostinato.schemas.events import NotesEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import Note
from services.worker.active_shards import Stage
from services.worker.note_streamer import Streamer
from services.worker.shard_run import Performance
from shared.broker.streams import EventStreams
from shared.db.generation_shards import Claim
from tests.repertoires import mini

NOTES = [Note(start * 480, 480, 60 + start, 90) for start in range(4)]


@pytest.fixture
def performance() -> Performance:
    claim = Claim(
        shard_id=uuid4(),
        job_id=uuid4(),
        owner="ann",
        attempt=1,
        first=0,
        count=1,
        crashes=0,
        request=GenerationRequest(model="mini", bars=2, seed=1),
    )
    return Performance(claim, mini(slots=2))


async def test_notes_that_redis_lost_are_told_again(
    performance: Performance, streams: EventStreams, servers: Stack
) -> None:
    stage = Stage(reserved_slots=1)
    stage.held[performance.claim.shard_id] = performance
    streamer = Streamer(stage, streams)
    piece = performance.pieces[0]
    piece.notes.extend(NOTES[:2])
    await streamer.step()
    async with Redis.from_url(servers.redis_url) as redis:
        await redis.flushall()
    piece.notes.extend(NOTES[2:])
    await streamer.step()
    await streamer.step()
    events = await streams.read(performance.claim.job_id, 0)
    heard = [note for event in events if isinstance(event, NotesEvent) for note in event.notes]
    assert heard == NOTES
