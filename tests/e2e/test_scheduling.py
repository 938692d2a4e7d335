"""Who is sampled with whom, and who goes first: tests of order, not of time."""

import json
from uuid import UUID

from redis import Redis

from deploy.local.stack import Stack
from ostinato.schemas.generations import SHARD_SIZE
from ostinato.schemas.jobs import JobState
from tests.conftest import client_of
from tests.heartbeats import workers
from tests.wire import Event, post_job, raw_http, server_sent


def test_one_step_holds_sequences_of_several_of_eight_jobs(own_house: Stack) -> None:
    with raw_http(own_house) as http, client_of(own_house) as client:
        jobs = [post_job(http, bars=16, seed=seed) for seed in range(8)]
        assert all(client.wait(job["id"]).succeeded == 1 for job in jobs)
    while (engine := workers(own_house)[0].engine)["finished"] < 8:
        pass
    assert engine["jobs_peak"] >= 4


def test_what_is_past_its_deadline_is_given_up_and_what_is_in_time_is_the_same(
    house: Stack,
) -> None:
    with raw_http(house) as http, client_of(house) as client:
        late = post_job(http, count=2000, bars=32, seed=0, deadline_seconds=1)
        ended = client.wait(UUID(late["id"]))
        jobs = [post_job(http, bars=2, seed=3, deadline_seconds=limit) for limit in (None, 600)]
        melodies = [next(iter(client.melodies(client.wait(UUID(job["id"])).id))) for job in jobs]
        assert len({client.midi(melody.id) for melody in melodies}) == 1
    assert ended.state is JobState.CANCELLED
    assert ended.cancelled > 0


def all_events(stack: Stack, job_id: str) -> list[Event]:
    """A job's events so far, straight out of the stream."""
    with Redis.from_url(stack.redis_url, decode_responses=True) as redis:
        entries: list[tuple[str, dict[str, str]]] = redis.xrange(f"job:{job_id}:events")
    return [json.loads(fields["event"]) | {"at": int(fields["at"])} for _, fields in entries]


def test_an_interactive_job_is_heard_before_the_next_batch_shard_is_finished(
    house: Stack,
) -> None:
    with raw_http(house) as http:
        batch = post_job(http, count=2000, bars=8, seed=0)
        for event in server_sent(http, batch["id"]):
            if event["kind"] == "melody":
                break
        finished = event["melody"] // SHARD_SIZE
        job = post_job(http, bars=8, seed=1)
        first = next(event for event in server_sent(http, job["id"]) if event["kind"] == "notes")
        while not (later := shards_after(house, batch["id"], finished)):
            pass
        http.post(f"/v1/jobs/{batch['id']}/cancel")
    assert first["at"] < min(event["at"] for event in later)


def shards_after(stack: Stack, job_id: str, shard: int) -> list[Event]:
    """The melodies so far of other shards than the one that was finished first."""
    melodies = [event for event in all_events(stack, job_id) if event["kind"] == "melody"]
    return [event for event in melodies if event["melody"] // SHARD_SIZE != shard]
