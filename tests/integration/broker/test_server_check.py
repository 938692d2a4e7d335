"""A Redis in a mode that its setting does not support ends every process at start."""

import runpy

import pytest

from deploy.local.machine.ports import LOOPBACK
from deploy.local.stack import SERVICES, Stack
from shared.broker.server_check import check_redis_mode
from shared.settings import CommonSettings
from tests.support.servers.redis_servers import LOGIN, ClusterServers, SentinelServers

UNREACHABLE = "redis://127.0.0.1:1/0"


def settings(redis_url: str, event_streams_url: str | None = None) -> CommonSettings:
    return CommonSettings.model_validate(
        {
            "environment": "development",
            "database_url": "postgresql+asyncpg://unused",
            "redis_url": redis_url,
            "event_streams_url": event_streams_url,
        }
    )


def node_url(cluster: ClusterServers) -> str:
    return f"redis://{LOGIN}{LOOPBACK}:{cluster.port('node_1')}/0"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_rejects_a_cluster_as_broker(
    monkeypatch: pytest.MonkeyPatch, cluster: ClusterServers, backends: Stack, service: str
) -> None:
    for name, value in (backends.env() | {"OSTINATO_REDIS_URL": node_url(cluster)}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as error:
        runpy.run_module(f"services.{service}", run_name="__main__")
    assert str(error.value) == (
        "OSTINATO_REDIS_URL is a node of a Redis Cluster. Celery cannot use a Redis Cluster: "
        "set OSTINATO_REDIS_URL to one Redis server or to Sentinel, and "
        "OSTINATO_EVENT_STREAMS_URL to the Cluster."
    )


def test_a_node_of_a_cluster_without_the_scheme_of_a_cluster_is_rejected(
    cluster: ClusterServers, backends: Stack
) -> None:
    with pytest.raises(SystemExit, match="begin it with redis\\+cluster://"):
        check_redis_mode(settings(backends.redis_url, node_url(cluster)))


def test_one_server_with_the_scheme_of_a_cluster_is_rejected(backends: Stack) -> None:
    url = backends.redis_url.replace("redis://", "redis+cluster://").rpartition("/")[0]
    with pytest.raises(SystemExit, match="not in cluster mode: begin it with redis://"):
        check_redis_mode(settings(backends.redis_url, url))


def test_supported_modes_and_servers_that_do_not_answer_are_accepted(
    cluster: ClusterServers, sentinel: SentinelServers, backends: Stack
) -> None:
    check_redis_mode(settings(backends.redis_url))
    check_redis_mode(settings(sentinel.redis_url, cluster.redis_url))
    check_redis_mode(settings(UNREACHABLE, f"redis+cluster://{LOOPBACK}:1"))
