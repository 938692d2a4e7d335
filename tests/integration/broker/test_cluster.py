"""Event streams on a Redis Cluster: all nodes, round trips, moved slots."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest

from ostinato.schemas.jobs import JobState
from shared.broker.stream_entries import job_event
from shared.broker.streams import EventStreams, stream_key
from shared.errors import Unavailable
from tests.support.servers.redis_servers import ClusterServers

NUM_JOBS = 30


@pytest.fixture
async def streams(cluster: ClusterServers) -> AsyncIterator[EventStreams]:
    streams = EventStreams(cluster.redis_url)
    yield streams
    await streams.close()


async def queue(streams: EventStreams, *jobs: UUID) -> list[int]:
    return await streams.append([job_event(job, JobState.QUEUED) for job in jobs])


async def test_streams_are_on_all_nodes_and_appending_is_one_round_trip_to_each(
    cluster: ClusterServers, streams: EventStreams
) -> None:
    jobs = [uuid4() for _ in range(NUM_JOBS)]
    await queue(streams, *jobs)
    assert {cluster.owner_of(stream_key(job)) for job in jobs} == set(cluster.PRIMARIES)
    with ExitStack() as resources:
        # The first node also reads what its replica sends
        clients = [resources.enter_context(cluster.client(name)) for name in cluster.PRIMARIES[1:]]
        before = [client.info("stats")["total_reads_processed"] for client in clients]
        running = [job_event(job, JobState.RUNNING) for job in jobs]
        assert await streams.append(running) == [1] * NUM_JOBS
        after = [client.info("stats")["total_reads_processed"] for client in clients]
    own_reads = 1
    assert [new - old - own_reads for new, old in zip(after, before, strict=True)] == [1, 1]
    for job in jobs:
        assert [event.seq for event in await streams.read(job, 0)] == [1, 2]


async def test_a_node_that_lacks_the_scripts_receives_them(
    cluster: ClusterServers, streams: EventStreams
) -> None:
    await queue(streams, *(uuid4() for _ in range(NUM_JOBS)))
    for name in cluster.PRIMARIES[:2]:
        cluster.ask(name, "SCRIPT", "FLUSH")
    jobs = [uuid4() for _ in range(NUM_JOBS)]
    await queue(streams, *jobs)
    assert [len(await streams.read(job, 0)) for job in jobs] == [1] * NUM_JOBS


async def test_a_stream_whose_slot_has_moved_is_rebuilt(
    cluster: ClusterServers, streams: EventStreams
) -> None:
    moved, other = uuid4(), uuid4()
    await queue(streams, moved, other)
    epochs = [await streams.epoch(job) for job in (moved, other)]
    source = cluster.owner_of(stream_key(moved))
    cluster.move_slot(stream_key(moved), next(name for name in cluster.PRIMARIES if name != source))
    assert cluster.owner_of(stream_key(moved)) != source
    assert await streams.read(moved, 0) != []
    assert [await streams.epoch(job) for job in (moved, other)] == [None, epochs[1]]
    await queue(streams, moved)
    assert await streams.epoch(moved) not in (None, epochs[0])
    assert [event.seq for event in await streams.read(moved, 0)] == [1]


async def test_while_a_slot_moves_every_error_is_unavailable(
    cluster: ClusterServers, streams: EventStreams
) -> None:
    job = uuid4()
    source = cluster.owner_of(stream_key(job))
    target = next(name for name in cluster.PRIMARIES if name != source)
    slot = cluster.slot_of(stream_key(job))
    cluster.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.node_id(source))
    cluster.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.node_id(target))
    for _ in range(5):
        try:
            await queue(streams, job)
        except Unavailable:
            continue
    cluster.ask(source, "CLUSTER", "SETSLOT", slot, "STABLE")
    cluster.ask(target, "CLUSTER", "SETSLOT", slot, "STABLE")
    await queue(streams, job)
    assert [event.seq for event in await streams.read(job, 0)] == [1]
