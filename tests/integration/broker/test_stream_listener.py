"""Subscribers are notified of new events over one connection; waiting costs Redis nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest
from redis import Redis

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobState
from shared.broker import stream_listener
from shared.broker.stream_entries import job_event
from shared.broker.streams import EventStreams
from tests.support.servers.redis_servers import RedisServers

NUM_JOBS = 30


@pytest.fixture
async def streams(redis_servers: RedisServers | Stack) -> AsyncIterator[EventStreams]:
    streams = EventStreams(redis_servers.redis_url)
    yield streams
    await streams.close()


async def is_notified(event: asyncio.Event) -> None:
    """Wait until the subscriber is notified, and reset the event."""
    async with asyncio.timeout(5):
        await event.wait()
    event.clear()


async def queue(streams: EventStreams, *jobs: UUID) -> None:
    await streams.append([job_event(job, JobState.QUEUED) for job in jobs])


async def test_each_subscriber_is_notified_of_the_changes_of_its_stream(
    streams: EventStreams,
) -> None:
    jobs = [uuid4() for _ in range(NUM_JOBS)]
    with ExitStack() as subscriptions:
        events = [subscriptions.enter_context(streams.listen(job)) for job in jobs]
        second = subscriptions.enter_context(streams.listen(jobs[0]))
        for event in events:
            await is_notified(event)  # the subscription has begun
        second.clear()
        await queue(streams, *jobs[:-1])
        for event in (second, *events[:-1]):
            await is_notified(event)
        await streams.delete(jobs)
        for event in (second, *events):
            await is_notified(event)
        await queue(streams, *jobs)
        await streams.append([job_event(jobs[0], JobState.QUEUED)])  # it has the event already
        for event in (second, *events):
            await is_notified(event)
        await asyncio.sleep(0.1)
        assert not any(event.is_set() for event in (second, *events))


@pytest.fixture
async def on_one_server(backends: Stack) -> AsyncIterator[EventStreams]:
    streams = EventStreams(backends.redis_url)
    yield streams
    await streams.close()


async def test_waiting_subscribers_share_one_connection_and_send_nothing(
    on_one_server: EventStreams, backends: Stack
) -> None:
    with Redis.from_url(backends.redis_url) as redis, ExitStack() as subscriptions:
        listeners = len(redis.client_list(_type="pubsub"))
        for _ in range(NUM_JOBS):
            event = subscriptions.enter_context(on_one_server.listen(uuid4()))
        await is_notified(event)
        before = redis.info("stats")["total_commands_processed"]
        await asyncio.sleep(1)
        own_commands = redis.info("stats")["total_commands_processed"] - before
        assert len(redis.client_list(_type="pubsub")) == listeners + 1
    assert own_commands < NUM_JOBS / 2


async def test_ended_subscriptions_are_forgotten(
    on_one_server: EventStreams, backends: Stack
) -> None:
    job = uuid4()
    with Redis.from_url(backends.redis_url) as redis, on_one_server.listen(job) as event:
        await is_notified(event)
        assert len(redis.pubsub_channels(f"*{job}*")) == 1
    await asyncio.sleep(0.5)
    with Redis.from_url(backends.redis_url) as redis:
        assert redis.pubsub_channels(f"*{job}*") == []


async def test_subscribers_are_notified_of_a_lost_connection_and_of_later_events(
    on_one_server: EventStreams, backends: Stack
) -> None:
    job = uuid4()
    with Redis.from_url(backends.redis_url) as redis, on_one_server.listen(job) as event:
        await is_notified(event)
        redis.client_kill_filter(_type="pubsub")
        await is_notified(event)
        await is_notified(event)  # the new subscription has begun
        await queue(on_one_server, job)
        await is_notified(event)


async def test_subscribers_are_notified_if_the_server_does_not_answer(
    own_servers: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_listener, "PING_SECONDS", 0.2)
    streams = EventStreams(own_servers.redis_url)
    with streams.listen(uuid4()) as event:
        await is_notified(event)
        await asyncio.sleep(1)
        assert not event.is_set()  # the server answers each ping
        own_servers.process("valkey").signal(signal.SIGSTOP)
        await is_notified(event)
        own_servers.process("valkey").signal(signal.SIGCONT)
        await is_notified(event)
    await streams.close()
