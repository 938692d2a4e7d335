"""URLs of Redis: one server, Redis Sentinel, or a Redis Cluster."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SENTINEL_FORM = "sentinel://:password@host:26379;sentinel://host:26379/0?master_name=mymaster"
CLUSTER_FORM = "redis+cluster://:password@host:6379;redis+cluster://host:6379"
SEPARATOR = re.compile(r";(?=[a-z+]+://)")
"""Between the servers of one URL, each of which has its scheme, as Celery's users write them."""

SEPARATOR_IN_HOST = re.compile("[;,]")
"""A host with one of these is two servers, the second without its scheme."""


class RedisMode(StrEnum):
    """How the servers of a URL work together."""

    SERVER = "server"
    """One server."""
    SENTINEL = "sentinel"
    """A primary with replicas; the URL has the addresses of its sentinels."""
    CLUSTER = "cluster"
    """Several primaries that share the keys; the URL has the addresses of some nodes."""


MODES = {
    "redis": RedisMode.SERVER,
    "rediss": RedisMode.SERVER,
    "sentinel": RedisMode.SENTINEL,
    "redis+cluster": RedisMode.CLUSTER,
}
DEFAULT_PORTS = {RedisMode.SERVER: 6379, RedisMode.SENTINEL: 26379, RedisMode.CLUSTER: 6379}
PARAMETERS = {
    RedisMode.SENTINEL: {"master_name", "sentinel_password"},
    RedisMode.CLUSTER: set[str](),
}
"""The parameters after the question mark; redis-py checks those of one server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisUrl:
    """The parts of a URL."""

    text: str = field(repr=False)
    mode: RedisMode
    hosts: tuple[tuple[str, int], ...]
    username: str | None
    password: str | None = field(repr=False)
    database: int = 0
    master_name: str = ""
    """The name that the sentinels give to the primary."""
    sentinel_password: str | None = field(repr=False)
    """The password of the sentinels themselves; they may have none."""

    @property
    def secrets(self) -> list[str | None]:
        """The passwords of the servers; those of a server without one are None."""
        sentinel = [] if self.sentinel_password is None else [self.sentinel_password]
        return [self.password, *sentinel]


def parse_redis_url(text: str) -> RedisUrl:
    """Parse a URL.

    Raises:
        ValueError: the text is not such a URL. The message contains no password.
    """
    mode = MODES.get(text.partition("://")[0])
    if mode is None:
        raise ValueError(
            "the URL must start with redis://, rediss://, sentinel:// or redis+cluster://."
        )
    texts = [text] if mode is RedisMode.SERVER else SEPARATOR.split(text)
    parts = [urlsplit(part) for part in texts]
    if {MODES.get(part.scheme) for part in parts} != {mode}:
        raise ValueError("all servers of a URL must have the same scheme.")
    parameters = {name: value for part in parts for name, value in parse_qsl(part.query)}
    if mode in PARAMETERS:
        _check(mode, parameters)
    username, password = _login(parts)
    return RedisUrl(
        text=text,
        mode=mode,
        hosts=tuple(_address(mode, part) for part in parts),
        username=username,
        password=password,
        database=_database(mode, parts),
        master_name=parameters.get("master_name", ""),
        sentinel_password=parameters.get("sentinel_password"),
    )


def _check(mode: RedisMode, parameters: Iterable[str]) -> None:
    if unknown := sorted(set(parameters) - PARAMETERS[mode]):
        raise ValueError(
            f"unknown parameter {unknown[0]}: a Sentinel URL has master_name and may have "
            "sentinel_password, a Cluster URL has no parameters."
        )
    if mode is RedisMode.SENTINEL and "master_name" not in parameters:
        raise ValueError(
            "a Sentinel URL must name the primary, as `sentinel monitor` does: write "
            f"{SENTINEL_FORM}."
        )


def _address(mode: RedisMode, part: SplitResult) -> tuple[str, int]:
    form = {RedisMode.SENTINEL: SENTINEL_FORM, RedisMode.CLUSTER: CLUSTER_FORM}
    try:
        host, port = part.hostname, part.port
    except ValueError:
        host, port = None, None
    if not host or SEPARATOR_IN_HOST.search(host):
        example = form.get(mode, "redis://:password@host:6379/0")
        raise ValueError(f"a server of the URL has no valid host and port: write {example}.")
    return host, port or DEFAULT_PORTS[mode]


def _login(parts: Iterable[SplitResult]) -> tuple[str | None, str | None]:
    """User and password, which one server of the URL or all have."""
    logins = {(part.username, part.password) for part in parts if "@" in part.netloc}
    if len(logins) > 1:
        raise ValueError("all servers of a URL must have the same user and password.")
    username, password = next(iter(logins), (None, None))
    return unquote(username or "") or None, unquote(password or "") or None


def _database(mode: RedisMode, parts: Iterable[SplitResult]) -> int:
    databases = {part.path.strip("/") for part in parts} - {""}
    if mode is RedisMode.CLUSTER and databases - {"0"}:
        raise ValueError("a Redis Cluster has only database 0: remove the database from the URL.")
    if len(databases) > 1 or not all(re.fullmatch("[0-9]{1,9}", name) for name in databases):
        raise ValueError("the path of the URL must be the number of one database, such as /0.")
    return int(next(iter(databases), "0"))
