"""URLs of one Redis server, of Sentinel and of a Cluster."""

import pytest

from shared.broker.celery_client import make_celery
from shared.redis_url import RedisMode, parse_redis_url

SENTINEL = "sentinel://:p%40ss%3B@a:1;sentinel://b;sentinel://[::1]:3/2?master_name=m"


@pytest.mark.parametrize(
    ("text", "mode", "hosts", "password", "database"),
    [
        ("redis://:p@h/3", RedisMode.SERVER, (("h", 6379),), "p", 3),
        ("rediss://u:p%40@h:1?ssl_ca_certs=/ca", RedisMode.SERVER, (("h", 1),), "p@", 0),
        (SENTINEL, RedisMode.SENTINEL, (("a", 1), ("b", 26379), ("::1", 3)), "p@ss;", 2),
        (
            "sentinel://:p@a:1/1;sentinel://:p@b:2/1?master_name=m",
            *(RedisMode.SENTINEL, (("a", 1), ("b", 2)), "p", 1),
        ),
        (
            "redis+cluster://:p@a;redis+cluster://b:7",
            *(RedisMode.CLUSTER, (("a", 6379), ("b", 7)), "p", 0),
        ),
        ("redis+cluster://a/0", RedisMode.CLUSTER, (("a", 6379),), None, 0),
    ],
)
def test_a_url_names_servers_password_and_database(
    text: str,
    mode: RedisMode,
    hosts: tuple[tuple[str, int], ...],
    password: str | None,
    database: int,
) -> None:
    url = parse_redis_url(text)
    assert (url.mode, url.hosts, url.password, url.database) == (mode, hosts, password, database)


def test_the_sentinels_may_have_a_password_of_their_own() -> None:
    url = parse_redis_url(f"{SENTINEL}&sentinel_password=other%2B")
    assert (url.master_name, url.sentinel_password) == ("m", "other+")
    assert url.secrets == ["p@ss;", "other+"]
    assert "p@ss" not in repr(url)
    assert "other" not in repr(url)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://h", "must start with redis://"),
        ("sentinel://a;sentinel://b", "must name the primary"),
        ("sentinel://a?master_name=", "must name the primary"),
        ("sentinel://a;b?master_name=m", "no valid host and port"),
        ("sentinel://a:1;?master_name=m", "no valid host and port"),
        ("redis+cluster://a:1,b:2", "no valid host and port"),
        ("redis://:p@h:70000", "no valid host and port"),
        ("redis://h/zero", "number of one database"),
        ("sentinel://a/1;sentinel://b/2?master_name=m", "number of one database"),
        ("sentinel://:p@a;sentinel://:q@b?master_name=m", "same user and password"),
        ("sentinel://a;redis+cluster://b", "same scheme"),
        ("sentinel://a?master_name=m&password=p", "unknown parameter password"),
        ("redis+cluster://a?master_name=m", "unknown parameter master_name"),
        ("redis+cluster://a/1", "only database 0"),
    ],
)
def test_another_text_is_rejected_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_redis_url(text)


def test_celery_gets_every_sentinel_with_the_login_and_the_name_of_the_primary() -> None:
    app = make_celery(f"{SENTINEL}&sentinel_password=other")
    login = ":p%40ss%3B@"
    assert app.conf.broker_url == (
        f"sentinel://{login}a:1/2;sentinel://{login}b:26379/2;sentinel://{login}[::1]:3/2"
    )
    options = app.conf.broker_transport_options
    assert options["master_name"] == "m"
    assert options["sentinel_kwargs"]["password"] == "other"
    app.close()
