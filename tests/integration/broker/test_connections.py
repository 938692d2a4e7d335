"""Connections are bounded on every kind of Redis; callers wait for a free one."""

import asyncio

from redis import Redis

from deploy.local.stack import Stack
from shared.broker.connections import Connections, connect
from tests.support.servers.redis_servers import (
    SENTINEL_PASSWORD,
    ClusterServers,
    RedisServers,
    SentinelServers,
)

NUM_CALLERS = 20
KEY = "none"


def server_of_key(servers: RedisServers | Stack) -> "Redis":
    """A client of the server that has the key."""
    if isinstance(servers, ClusterServers):
        return servers.client(servers.owner_of(KEY))
    if isinstance(servers, RedisServers):
        return servers.client("redis_0")
    return Redis.from_url(servers.redis_url, decode_responses=True)


async def read_at_once(connections: Connections) -> None:
    """Read a stream, in many tasks."""
    async with asyncio.TaskGroup() as group:
        for _ in range(NUM_CALLERS):
            group.create_task(connections.read(KEY, "0", count=1))


async def test_more_callers_than_connections_wait_for_their_turn(
    redis_servers: RedisServers | Stack,
) -> None:
    connections = connect(redis_servers.redis_url, 4)
    with server_of_key(redis_servers) as server:
        others = {client["id"] for client in server.client_list()}
        await read_at_once(connections)
        clients = server.client_list()
    reading = [it for it in clients if it["cmd"] == "xread" and it["id"] not in others]
    assert len(reading) == 4
    await connections.close()


async def test_connections_that_open_at_once_ask_one_sentinel_over_one_connection(
    sentinel: SentinelServers,
) -> None:
    connections = connect(sentinel.redis_url, NUM_CALLERS)
    await read_at_once(connections)
    last_commands = [
        client["cmd"] for name in sentinel.SENTINELS for client in clients_of(sentinel, name)
    ]
    assert last_commands.count("sentinel|masters") == 1
    await connections.close()


def clients_of(sentinel: SentinelServers, name: str) -> list[dict[str, str]]:
    """The connections to one sentinel."""
    with sentinel.client(name, password=SENTINEL_PASSWORD) as client:
        clients: list[dict[str, str]] = client.client_list()
        return clients
