"""The services behind Sentinel, and with their event streams on a Redis Cluster."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from shared.broker.streams import stream_key
from tests.conftest import CHECKPOINTS, client_of
from tests.support.http_api import create_ticket, http_client, websocket_events
from tests.support.servers.event_reader import EventReader
from tests.support.servers.redis_servers import (
    FAST_FAILOVER,
    ClusterServers,
    SentinelServers,
    wait_until,
)
from tests.support.servers.stacks import FAST_LEASES, Servers, StackOnServers
from tests.support.worker_jobs import register_versions

SERVICES = ("gateway", "dispatcher", "worker")
REQUEST = GenerationRequest(model="mini", count=16, bars=16, seed=1000)
SHORT = GenerationRequest(model="mini", count=2, bars=2, seed=1)


class StackBehindSentinel(StackOnServers):
    """The services, whose Redis is behind Sentinel."""

    def __init__(self, folder: Path, servers: Servers, sentinel: SentinelServers) -> None:
        self.sentinel = sentinel
        super().__init__(folder, servers, checkpoints_dir=CHECKPOINTS)

    @property
    def redis_url(self) -> str:
        return self.sentinel.redis_url

    def start_services(self, *services: str, **env: str) -> None:
        """Start services, or start them again, with these settings."""
        for service in services:
            self.start(service, **FAST_LEASES, **env)
        self.wait_ready()


@pytest.fixture(scope="module")
def services(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StackBehindSentinel]:
    with (
        SentinelServers(tmp_path_factory.mktemp("own"), down_after=FAST_FAILOVER) as sentinel,
        StackBehindSentinel(tmp_path_factory.mktemp("stack"), servers, sentinel) as stack,
    ):
        asyncio.run(register_versions(stack))
        stack.start_services(*SERVICES)
        yield stack


def succeed(client: Client, job: GenerationJob) -> None:
    """Wait for the job, which has each of its melodies once."""
    assert client.wait(job.id).state is JobState.SUCCEEDED
    assert [melody.index for melody in client.melodies(job.id)] == list(range(job.request.count))


def is_notified(sentinel: SentinelServers) -> bool:
    """Whether the worker waits for notifications at the current primary."""
    with sentinel.client(sentinel.primary()) as redis:
        return any(client["cmd"] == "brpop" for client in redis.client_list())


def test_a_failover_during_a_job_loses_and_doubles_nothing(
    services: StackBehindSentinel,
) -> None:
    sentinel, failed = services.sentinel, services.sentinel.primary()
    with client_of(services) as client:
        job = client.generate(REQUEST)
        reader = EventReader(services, job)
        reader.start()
        assert reader.has_notes.wait(30)
        assert client.job(job.id).state is JobState.RUNNING, "the job ended before the failover"
        sentinel.kill(failed)
        during = client.generate(SHORT)
        for started in (job, during):
            succeed(client, started)
        wait_until(lambda: sentinel.primary() != failed)
        reader.assert_complete(client)
        wait_until(lambda: is_notified(sentinel))
        later = client.generate(SHORT)
        for started in (during, later):
            of_started = EventReader(services, started)
            of_started.start()
            of_started.assert_complete(client)
        succeed(client, later)
    assert services.unexpected_exits() == {}


@pytest.fixture(scope="module")
def streams_on_cluster(
    services: StackBehindSentinel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClusterServers]:
    """A Cluster, which the services use from now on for the event streams."""
    folder = tmp_path_factory.mktemp("own-cluster")
    with ClusterServers(folder, down_after=FAST_FAILOVER) as cluster:
        services.start_services(*SERVICES, OSTINATO_EVENT_STREAMS_URL=cluster.redis_url)
        yield cluster


def test_event_streams_on_a_cluster_are_complete_over_a_websocket(
    services: StackBehindSentinel, streams_on_cluster: ClusterServers
) -> None:
    cluster = streams_on_cluster
    with client_of(services) as client, http_client(services) as http:
        job = client.generate(REQUEST.model_copy(update={"count": 4}))
        ticket = create_ticket(http, str(job.id))
        by_websocket = websocket_events(services, str(job.id), f"ticket={ticket}")
        reader = EventReader(services, job)
        reader.start()
        reader.assert_complete(client)
    assert [event["seq"] for event in by_websocket] == [event.seq for event in reader.received]
    kinds = [event["kind"] for event in by_websocket]
    assert kinds == [event.kind for event in reader.received]
    owner = cluster.owner_of(stream_key(job.id))
    assert cluster.ask(owner, "XLEN", stream_key(job.id)) == len(by_websocket)
    with services.sentinel.client(services.sentinel.primary()) as redis:
        assert not redis.exists(stream_key(job.id))


def test_the_loss_of_a_node_of_the_cluster_during_a_job_loses_and_doubles_nothing(
    services: StackBehindSentinel, streams_on_cluster: ClusterServers
) -> None:
    cluster = streams_on_cluster
    with client_of(services) as client:
        jobs = [client.generate(REQUEST)]
        while cluster.owner_of(stream_key(jobs[-1].id)) != cluster.PRIMARIES[0]:
            jobs.append(client.generate(REQUEST))
        readers = [EventReader(services, job) for job in jobs]
        for reader in readers:
            reader.start()
        assert readers[-1].has_notes.wait(30)
        assert client.job(jobs[-1].id).state is JobState.RUNNING, "the job ended before the loss"
        cluster.kill(cluster.PRIMARIES[0])
        for job, reader in zip(jobs, readers, strict=True):
            succeed(client, job)
            reader.assert_complete(client)
    assert services.unexpected_exits() == {}
