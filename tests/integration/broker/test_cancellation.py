"""A task that reads from Redis ends when it is cancelled, however far the read was."""

import asyncio

from deploy.local.stack import Stack
from shared.broker.connections import Connections, connect
from tests.support.servers.redis_servers import RedisServers

MAX_STEPS = 10
"""The event loop reads within fewer steps."""
TRIES = 3
LIMIT_SECONDS = 1


async def read_until(end: asyncio.Event, connections: Connections) -> None:
    while not end.is_set():
        await connections.read("none", "0", count=1)


async def test_a_cancelled_task_ends(redis_servers: RedisServers | Stack) -> None:
    connections = connect(redis_servers.redis_url, 4)
    end = asyncio.Event()
    running: list[asyncio.Task[None]] = []
    for steps in range(MAX_STEPS * TRIES):
        task = asyncio.create_task(read_until(end, connections))
        for _ in range(steps // TRIES):
            await asyncio.sleep(0)
        task.cancel()
        _, still_running = await asyncio.wait([task], timeout=LIMIT_SECONDS)
        running += still_running
    end.set()
    await asyncio.gather(*running)
    assert running == []
    await connections.close()
