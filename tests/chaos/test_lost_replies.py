"""The write succeeds, and the caller sees a timeout: nothing is lost, nothing is done twice."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from tests.conftest import client_of
from tests.support.chaos.selection import only_in_make_chaos
from tests.support.chaos.windows import follow
from tests.support.http_api import http_client
from tests.support.servers.lossy_proxy import LossyProxy
from tests.support.servers.stacks import FAST_LEASES

SEED = 718281828
REQUEST = GenerationRequest(model="mini", count=6, bars=8, seed=SEED)
MIDI_FILE = b"MThd"
COMMIT = b"COMMIT"
APPEND_EVENTS = b"EVALSHA"
"""Redis's command with which events are appended to the stream of a job."""
NOTIFICATION = b"LPUSH"
"""Redis's command with which Celery sends a message to a queue."""


@pytest.fixture
def postgres(isolated_stack: Stack) -> Iterator[LossyProxy]:
    with LossyProxy(isolated_stack.database_url) as proxy:
        yield proxy


@pytest.fixture
def redis(isolated_stack: Stack) -> Iterator[LossyProxy]:
    with LossyProxy(isolated_stack.redis_url) as proxy:
        yield proxy


def start_with(stack: Stack, service: str, **settings: str) -> None:
    """Start a service again with other settings."""
    stack.stop(service)
    stack.start(service, **FAST_LEASES, **settings)
    stack.wait_ready()


def assert_exact(client: Client, stack: Stack, job: GenerationJob) -> None:
    """The job has each melody once, and a client that follows it gets each note once."""
    reader = follow(stack, job)
    ended = client.wait(job.id)
    assert (ended.state, ended.succeeded) == ("succeeded", REQUEST.count)
    assert [melody.index for melody in client.melodies(job.id)] == list(range(REQUEST.count))
    reader.assert_complete(client)


def test_a_submission(isolated_stack: Stack, postgres: LossyProxy) -> None:
    """The client gets 503; with its idempotency key, a repetition returns the job that exists."""
    start_with(isolated_stack, "gateway", OSTINATO_DATABASE_URL=postgres.url)
    headers = {"Idempotency-Key": uuid4().hex}
    body = REQUEST.model_dump(mode="json", exclude_none=True)
    with http_client(isolated_stack) as http, client_of(isolated_stack) as client:
        postgres.lose_reply(str(SEED).encode())
        first = http.post("/v1/generations", json=body, headers=headers)
        assert postgres.lost.is_set()
        assert first.status_code == httpx.codes.SERVICE_UNAVAILABLE
        (existing,) = http.get("/v1/jobs", params={"limit": 1}).json()["items"]
        second = http.post("/v1/generations", json=body, headers=headers)
        assert second.json()["id"] == existing["id"]
        assert_exact(client, isolated_stack, client.job(existing["id"]))


def test_a_commit_of_melodies(isolated_stack: Stack, postgres: LossyProxy) -> None:
    """The worker repeats the commit, and finds its melodies."""
    start_with(isolated_stack, "worker", OSTINATO_DATABASE_URL=postgres.url)
    with client_of(isolated_stack) as client:
        postgres.lose_reply(MIDI_FILE, COMMIT)
        job = client.generate(REQUEST)
        assert_exact(client, isolated_stack, job)
        assert postgres.lost.is_set()


@only_in_make_chaos
@pytest.mark.parametrize(
    ("service", "message"),
    [("gateway", APPEND_EVENTS), ("gateway", NOTIFICATION), ("worker", APPEND_EVENTS)],
    ids=["gateway-event", "gateway-notification", "worker-event"],
)
def test_a_publication(
    isolated_stack: Stack, redis: LossyProxy, service: str, message: bytes
) -> None:
    urls = {"OSTINATO_REDIS_URL": redis.url, "OSTINATO_EVENT_STREAMS_URL": redis.url}
    start_with(isolated_stack, service, **urls)
    with client_of(isolated_stack) as client:
        redis.lose_reply(message)
        assert_exact(client, isolated_stack, client.generate(REQUEST))
        assert redis.lost.is_set()
