"""Rejects, at start, a Redis in a mode that its setting does not support."""

from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.redis_url import RedisMode, RedisUrl, parse_redis_url
from shared.settings import CLUSTER_AS_BROKER, CommonSettings

TIMEOUT_SECONDS = 3


def check_redis_mode(settings: CommonSettings) -> None:
    """End the process with one sentence if a URL is of another mode than its server.

    A server that does not answer is not checked: the service starts without Redis.
    """
    if _has_other_mode(parse_redis_url(settings.redis_url)):
        raise SystemExit(f"OSTINATO_REDIS_URL is a node of a Redis Cluster. {CLUSTER_AS_BROKER}")
    streams = parse_redis_url(settings.streams_url)
    if settings.streams_url != settings.redis_url and _has_other_mode(streams):
        problem = (
            "begins with redis+cluster://, but its server is not in cluster mode: begin it with "
            "redis://."
            if streams.mode is RedisMode.CLUSTER
            else "is a node of a Redis Cluster: begin it with redis+cluster://."
        )
        raise SystemExit(f"OSTINATO_EVENT_STREAMS_URL {problem}")


def _has_other_mode(url: RedisUrl) -> bool:
    """Whether one server is a node of a Cluster, or a node of a Cluster is one server."""
    timeouts: dict[str, Any] = {
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "retry": None,
    }
    if url.mode is RedisMode.SENTINEL:  # it monitors no node of a Cluster
        return False
    if url.mode is RedisMode.SERVER:
        redis = Redis.from_url(url.text, **timeouts)
    else:
        host, port = url.hosts[0]
        redis = Redis(
            host=host, port=port, username=url.username, password=url.password, **timeouts
        )
    try:
        with redis:
            is_cluster = bool(redis.info("cluster")["cluster_enabled"])
    except (RedisError, OSError):
        return False
    return is_cluster is not (url.mode is RedisMode.CLUSTER)
