"""While a server is down, the others degrade and recover when it returns."""

import signal
import time
from collections.abc import Iterator

import httpx
import pytest
from redis import Redis

from deploy.local.stack import Stack
from tests.conftest import client_of
from tests.support.http_api import http_client, post_generation, sse_events


@pytest.fixture
def http(isolated_stack: Stack) -> Iterator[httpx.Client]:
    with http_client(isolated_stack) as http:
        yield http


def test_a_job_submitted_while_redis_is_stopped_finishes(
    isolated_stack: Stack, http: httpx.Client
) -> None:
    isolated_stack.stop("valkey")
    job = post_generation(http, count=2, bars=2, seed=1)
    events = http.get(f"/v1/jobs/{job['id']}/events")
    assert (events.status_code, events.json()["code"]) == (503, "unavailable")
    assert int(events.headers["retry-after"]) > 0
    assert http.get("/readyz").json()["redis"] == "down"
    isolated_stack.restart("valkey")
    with client_of(isolated_stack) as client:
        assert client.wait(job["id"]).succeeded == 2
        received = list(client.events(job["id"]))
        assert [event.seq for event in received] == list(range(1, len(received) + 1))
        assert sum(event.kind == "melody" for event in received) == 2


def test_jobs_submitted_while_redis_hangs_finish(isolated_stack: Stack, http: httpx.Client) -> None:
    """A server that hangs is worse than a stopped one, because clients wait for it."""
    isolated_stack.process("valkey").signal(signal.SIGSTOP)
    jobs = [post_generation(http, bars=1, seed=seed) for seed in range(60)]
    isolated_stack.process("valkey").signal(signal.SIGCONT)
    with client_of(isolated_stack) as client:
        assert all(client.wait(job["id"]).succeeded == 1 for job in jobs)
        received = list(client.events(jobs[-1]["id"]))
        assert [event.seq for event in received] == list(range(1, len(received) + 1))


def test_a_lost_stream_is_rebuilt_completely(isolated_stack: Stack, http: httpx.Client) -> None:
    job = post_generation(http, count=130, bars=2, seed=1)
    while http.get(f"/v1/jobs/{job['id']}").json()["succeeded"] == 0:
        pass
    with Redis.from_url(isolated_stack.redis_url) as redis:
        redis.flushall()
    with client_of(isolated_stack) as client:
        assert client.wait(job["id"]).succeeded == 130
    events = list(sse_events(http, job["id"]))
    assert sorted(event["melody"] for event in events if event["kind"] == "melody") == [*range(130)]
    states = [event["state"] for event in events if event["kind"] == "job"]
    assert states == ["queued", "running", "succeeded"]


def test_while_postgres_is_stopped_requests_are_503_and_then_work_again(
    isolated_stack: Stack, http: httpx.Client
) -> None:
    isolated_stack.stop("postgres")
    for response in (
        http.post("/v1/generations", json={"model": "mini"}),
        http.get("/v1/jobs"),
        http.get("/readyz"),
    ):
        assert response.status_code == 503
        assert response.json()["code"] == "unavailable"
        assert int(response.headers["retry-after"]) > 0
    assert http.get("/healthz").status_code == 200
    isolated_stack.restart("postgres")
    job = post_generation(http, bars=1)
    assert list(sse_events(http, job["id"]))[-1]["state"] == "succeeded"


def test_a_job_waits_for_a_worker_but_needs_no_dispatcher(
    isolated_stack: Stack, http: httpx.Client
) -> None:
    isolated_stack.stop("worker")
    isolated_stack.stop("dispatcher")
    job = post_generation(http, bars=1)
    time.sleep(1)
    queued = http.get(f"/v1/jobs/{job['id']}").json()
    assert (queued["state"], queued["queue_position"]) == ("queued", 0)
    isolated_stack.restart("worker")
    assert list(sse_events(http, job["id"]))[-1]["state"] == "succeeded"
