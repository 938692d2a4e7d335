"""Fixtures: Redis behind Sentinel, a Redis Cluster, and each kind of Redis in turn.

Tests must not stop these servers.
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
