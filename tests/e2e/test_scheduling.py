"""Batching and priorities; the tests compare the order of events, not times."""

import json
import time
from uuid import UUID

from redis import Redis

from deploy.local.stack import Stack
from ostinato.schemas.generations import SHARD_SIZE
from ostinato.schemas.jobs import JobState
from shared.broker.streams import stream_key
from tests.conftest import client_of
from tests.support.http_api import Event, http_client, post_generation, sse_events

FIRST_SHARDS = 2
"""A worker holds so many shards of a batch job at once (OSTINATO_MAX_BATCH_MELODIES is 96)."""


def test_a_job_past_its_deadline_expires_and_a_deadline_does_not_change_the_bytes(
    stack: Stack,
) -> None:
    with http_client(stack) as http, client_of(stack) as client:
        expired = post_generation(http, count=2000, bars=32, seed=0, deadline_seconds=1)
        ended = client.wait(UUID(expired["id"]))
        jobs = [
            post_generation(http, bars=2, seed=3, deadline_seconds=limit) for limit in (None, 600)
        ]
        melodies = [next(iter(client.melodies(client.wait(UUID(job["id"])).id))) for job in jobs]
        assert len({client.midi(melody.id) for melody in melodies}) == 1
    assert ended.state is JobState.EXPIRED
    assert ended.expired > 0


def all_events(stack: Stack, job_id: str) -> list[Event]:
    """The job's events so far, read from the Redis stream."""
    with Redis.from_url(stack.redis_url, decode_responses=True) as redis:
        entries: list[tuple[str, dict[str, str]]] = redis.xrange(stream_key(job_id))
    return [json.loads(fields["event"]) | {"at": int(fields["at"])} for _, fields in entries]


def test_notes_of_an_interactive_job_precede_the_next_batch_shard(
    stack: Stack,
) -> None:
    with http_client(stack) as http:
        batch = post_generation(http, count=2000, bars=8, seed=0)
        next(event for event in sse_events(http, batch["id"]) if event["kind"] == "melody")
        job = post_generation(http, bars=8, seed=1)
        first = next(event for event in sse_events(http, job["id"]) if event["kind"] == "notes")
        while not (later := melodies_of_later_shards(stack, batch["id"])):
            time.sleep(0.05)
        http.post(f"/v1/jobs/{batch['id']}/cancel")
    assert first["at"] < min(event["at"] for event in later)


def melodies_of_later_shards(stack: Stack, job_id: str) -> list[Event]:
    """Melody events so far of the shards that a worker claims after its first two."""
    melodies = [event for event in all_events(stack, job_id) if event["kind"] == "melody"]
    return [event for event in melodies if event["melody"] >= FIRST_SHARDS * SHARD_SIZE]
