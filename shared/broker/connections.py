"""Bounded connections to one Redis server, through Sentinel, or to a Cluster."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from shared.errors import Unavailable
from shared.redis_url import RedisMode, RedisUrl, parse_redis_url

SOCKET_TIMEOUT_SECONDS = 5
"""Longest wait for an answer, for a connection, and for a free place among the connections."""
CLUSTER_RETRIES = 1
"""After a failover, the first attempt finds a node gone; the second asks which one replaced it."""
_SOCKETS: dict[str, Any] = {
    "socket_timeout": SOCKET_TIMEOUT_SECONDS,
    "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
    "socket_keepalive": True,
}


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script."""

    source: str
    sha1: str

    @classmethod
    def of(cls, source: str) -> "Script":
        """The script with this source."""
        return cls(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """A call of a script, whose keys a Cluster stores together."""

    script: Script
    keys: Sequence[str]
    args: Sequence[str | int]


class Connections:
    """Connections to one server, which behind Sentinel is the current primary.

    Every method raises `Unavailable` if Redis does not answer.
    """

    def __init__(self, redis: Any, sentinel: Sentinel | None = None) -> None:  # noqa: ANN401 - Redis or RedisCluster
        self._redis = redis
        self._sentinel = sentinel

    async def run(self, calls: Sequence[ScriptCall]) -> list[Any]:
        """The results of these calls, in one round trip to each server.

        The calls whose script a server does not have yet are repeated with its source.
        """
        async with self._place():
            results = await self._run("EVALSHA", [(call.script.sha1, call) for call in calls])
            missing = [
                index for index, result in enumerate(results) if isinstance(result, NoScriptError)
            ]
            if missing:
                repeated = [(calls[index].script.source, calls[index]) for index in missing]
                for index, result in zip(missing, await self._run("EVAL", repeated), strict=True):
                    results[index] = result
            for result in results:
                if isinstance(result, Exception):
                    raise result
            return results

    async def read(self, key: str, after: str, *, count: int) -> Any:  # noqa: ANN401 - redis-py's type
        """Entries of a stream after an id."""
        async with self._place():
            return await self._redis.xread({key: after}, count=count)

    @asynccontextmanager
    async def pubsub(self) -> AsyncIterator[PubSub]:
        """An open connection that receives messages."""
        async with self._place(), self._redis.pubsub() as pubsub:
            await pubsub.connect()
            yield pubsub

    async def ping(self) -> None:
        """Raise `Unavailable` unless Redis answers."""
        async with self._place():
            await self._redis.ping()

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
        if self._sentinel is not None:
            await self._sentinel.aclose()

    async def _run(self, command: str, calls: Sequence[tuple[str, ScriptCall]]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for script, call in calls:
                pipeline.execute_command(command, script, len(call.keys), *call.keys, *call.args)
            results: list[Any] = await pipeline.execute(raise_on_error=False)
            return results

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Translates errors; the pool waits for a free connection.

        The wait_for of Python 3.11, in redis-py, may ignore that the task is cancelled.
        """
        num_cancellations = _num_cancellations()
        try:
            yield
        except (RedisError, OSError) as error:
            raise Unavailable("Redis") from error
        if _num_cancellations() > num_cancellations:
            raise asyncio.CancelledError


def _num_cancellations() -> int:
    """How often the current task was cancelled."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


class ClusterConnections(Connections):
    """Connections to a Cluster: up to `max_connections` to each node."""

    def __init__(self, redis: RedisCluster, max_connections: int) -> None:
        super().__init__(redis)
        self._places = asyncio.Semaphore(max_connections)

    async def read(self, key: str, after: str, *, count: int) -> Any:  # noqa: ANN401 - redis-py's type
        """Entries of a stream after an id."""
        command = ("XREAD", "COUNT", count, "STREAMS", key, after)
        async with self._place():
            await self._redis.initialize()
            # Without the node, redis-py would ask a server for the position of the key
            node = self._redis.get_node_from_key(key)
            return await self._redis.execute_command(*command, target_nodes=node)

    @asynccontextmanager
    async def pubsub(self) -> AsyncIterator[PubSub]:
        """An open connection that receives messages, to any server: each has all messages."""
        async with self._place():
            await self._redis.initialize()
            async with self._redis.pubsub(node=self._redis.get_random_node()) as pubsub:
                await pubsub.connect()
                yield pubsub

    async def ping(self) -> None:
        """Raise `Unavailable` unless every primary answers."""
        async with self._place():
            await self._redis.ping(target_nodes=RedisCluster.PRIMARIES)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Waits for a free connection, which RedisCluster does not, and translates errors."""
        try:
            async with asyncio.timeout(SOCKET_TIMEOUT_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            raise Unavailable("Redis") from error
        try:
            async with super()._place():
                yield
        # redis-py raises AttributeError for a redirection to a node that it does not know yet
        except (RedisClusterException, AttributeError) as error:
            raise Unavailable("Redis") from error
        finally:
            self._places.release()


class _PrimaryPool(SentinelConnectionPool, BlockingConnectionPool):
    """A pool of connections to the primary, in which callers wait for a free one."""

    _question: "asyncio.Future[tuple[str, int]] | None" = None

    async def get_master_address(self) -> tuple[str, int]:
        """The primary's address; connections that ask at the same time share the answer."""
        if self._question is None or self._question.done():
            question = super().get_master_address()  # type: ignore[no-untyped-call]
            self._question = asyncio.ensure_future(question)
        return await asyncio.shield(self._question)


def connect(redis_url: str, max_connections: int) -> Connections:
    """Connections to the servers of this URL; each is opened on first use."""
    url = parse_redis_url(redis_url)
    if url.mode is RedisMode.CLUSTER:
        return _connect_to_cluster(url, max_connections)
    if url.mode is RedisMode.SENTINEL:
        return _connect_through_sentinel(url, max_connections)
    pool = BlockingConnectionPool.from_url(
        url.text,
        max_connections=max_connections,
        timeout=SOCKET_TIMEOUT_SECONDS,
        decode_responses=True,
        **_SOCKETS,
    )
    return Connections(Redis.from_pool(pool))


def _connect_to_cluster(url: RedisUrl, max_connections: int) -> Connections:
    cluster = RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in url.hosts],
        username=url.username,
        password=url.password,
        max_connections=max_connections,
        retry=Retry(NoBackoff(), CLUSTER_RETRIES),
        # A moved key is looked up alone; to look up all again would close all connections
        reinitialize_steps=0,
        decode_responses=True,
        **_SOCKETS,
    )
    return ClusterConnections(cluster, max_connections)


def _connect_through_sentinel(url: RedisUrl, max_connections: int) -> Connections:
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        url.hosts, sentinel_kwargs={**_SOCKETS, "password": url.sentinel_password, "retry": None}
    )
    redis = sentinel.master_for(
        url.master_name,
        connection_pool_class=_PrimaryPool,
        username=url.username,
        password=url.password,
        db=url.database,
        max_connections=max_connections,
        timeout=SOCKET_TIMEOUT_SECONDS,
        decode_responses=True,
        **_SOCKETS,
    )
    return Connections(redis, sentinel)
