"""Fixtures: Redis behind Sentinel, a Redis Cluster, each kind of Redis in turn, servers to kill.

Tests must not stop the shared servers.
"""

from collections.abc import Iterator

import pytest

from deploy.local.stack import Stack
from tests.support.servers.redis_servers import (
    NO_FAILOVER,
    ClusterServers,
    RedisServers,
    SentinelServers,
)
from tests.support.tmp import world_traversable_dir


@pytest.fixture(scope="session")
def sentinel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelServers]:
    with SentinelServers(tmp_path_factory.mktemp("sentinel"), down_after=NO_FAILOVER) as servers:
        yield servers


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterServers]:
    with ClusterServers(tmp_path_factory.mktemp("cluster"), down_after=NO_FAILOVER) as servers:
        yield servers


@pytest.fixture(params=["backends", "sentinel", "cluster"])
def redis_servers(request: pytest.FixtureRequest) -> RedisServers | Stack:
    servers: RedisServers | Stack = request.getfixturevalue(request.param)
    return servers


@pytest.fixture
def own_servers() -> Iterator[Stack]:
    """Servers that the test may kill."""
    with world_traversable_dir() as folder, Stack(folder) as stack:
        stack.start_servers()
        yield stack
