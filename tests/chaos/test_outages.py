"""While a server is away, the rest does what it can, says what it cannot, and catches up."""

import signal
import time
from collections.abc import Iterator

import httpx
import pytest
from redis import Redis

from deploy.local.stack import Stack
from tests.conftest import client_of
from tests.wire import post_job, raw_http, server_sent


@pytest.fixture
def http(own_house: Stack) -> Iterator[httpx.Client]:
    with raw_http(own_house) as http:
        yield http


def test_a_job_posted_while_redis_is_stopped_is_accepted_and_finishes(
    own_house: Stack, http: httpx.Client
) -> None:
    own_house.stop("valkey")
    job = post_job(http, count=2, bars=2, seed=1)
    events = http.get(f"/v1/jobs/{job['id']}/events")
    assert (events.status_code, events.json()["code"]) == (503, "unavailable")
    assert int(events.headers["retry-after"]) > 0
    assert http.get("/readyz").json()["redis"] == "down"
    own_house.restart("valkey")
    with client_of(own_house) as client:
        assert client.wait(job["id"]).succeeded == 2
        heard = list(client.events(job["id"]))
        assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
        assert sum(event.kind == "melody" for event in heard) == 2


def test_while_redis_hangs_every_request_is_accepted_and_finishes(
    own_house: Stack, http: httpx.Client
) -> None:
    """A server that answers nothing is worse than one that is gone: it holds who waits for it."""
    own_house.process("valkey").signal(signal.SIGSTOP)
    jobs = [post_job(http, bars=1, seed=seed) for seed in range(60)]
    own_house.process("valkey").signal(signal.SIGCONT)
    with client_of(own_house) as client:
        assert all(client.wait(job["id"]).succeeded == 1 for job in jobs)
        heard = list(client.events(jobs[-1]["id"]))
        assert [event.seq for event in heard] == list(range(1, len(heard) + 1))


def test_who_listens_late_to_a_stream_that_was_lost_in_between_hears_everything(
    own_house: Stack, http: httpx.Client
) -> None:
    job = post_job(http, count=130, bars=2, seed=1)
    while http.get(f"/v1/jobs/{job['id']}").json()["succeeded"] == 0:
        pass
    with Redis.from_url(own_house.redis_url) as redis:
        redis.flushall()
    with client_of(own_house) as client:
        assert client.wait(job["id"]).succeeded == 130
    events = list(server_sent(http, job["id"]))
    assert sorted(e["melody"] for e in events if e["kind"] == "melody") == list(range(130))
    assert [e["state"] for e in events if e["kind"] == "job"] == ["queued", "running", "succeeded"]


def test_while_postgres_is_stopped_everything_is_503_and_then_goes_on(
    own_house: Stack, http: httpx.Client
) -> None:
    own_house.stop("postgres")
    for answer in (
        http.post("/v1/generations", json={"model": "mini"}),
        http.get("/v1/jobs"),
        http.get("/readyz"),
    ):
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) > 0
    assert http.get("/healthz").status_code == 200
    own_house.restart("postgres")
    job = post_job(http, bars=1)
    assert list(server_sent(http, job["id"]))[-1]["state"] == "succeeded"


def test_without_a_worker_a_job_waits_and_without_a_dispatcher_it_does_not(
    own_house: Stack, http: httpx.Client
) -> None:
    own_house.stop("worker")
    own_house.stop("dispatcher")
    job = post_job(http, bars=1)
    time.sleep(1)
    waiting = http.get(f"/v1/jobs/{job['id']}").json()
    assert (waiting["state"], waiting["queue_position"]) == ("queued", 0)
    own_house.restart("worker")
    assert list(server_sent(http, job["id"]))[-1]["state"] == "succeeded"
