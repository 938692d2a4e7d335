"""Tests of the shared settings: secrets, renamed variables, leases."""

import pytest
from pydantic import ValidationError

from shared.settings import (
    RENAMED_SETTINGS,
    CommonSettings,
    LeaseSettings,
    OstinatoSettings,
    WebhookSettings,
    reject_renamed,
)

POSTGRES = "postgresql+asyncpg://ostinato:{}@db:5432/ostinato"
REDIS = "redis://:{}@redis:6379/0"


def settings(postgres: str, redis: str, environment: str = "production") -> CommonSettings:
    return CommonSettings.model_validate(
        {
            "environment": environment,
            "database_url": POSTGRES.format(postgres),
            "redis_url": REDIS.format(redis),
        }
    )


def test_secret_passwords_are_accepted() -> None:
    assert settings("a7d1", "b8e2").environment == "production"


@pytest.mark.parametrize(
    ("postgres", "redis", "variable"),
    [
        ("ostinato", "b8e2", "OSTINATO_DATABASE_URL"),
        ("", "b8e2", "OSTINATO_DATABASE_URL"),
        ("a7d1", "changeme", "OSTINATO_REDIS_URL"),
        ("a7d1", "", "OSTINATO_REDIS_URL"),
    ],
)
def test_a_default_password_is_rejected_in_production(
    postgres: str, redis: str, variable: str
) -> None:
    with pytest.raises(ValidationError, match=variable):
        settings(postgres, redis)


SENTINEL = "sentinel://{}@s:26379;sentinel://t:26379/0?master_name=m"


@pytest.mark.parametrize(
    ("redis", "streams", "variable"),
    [
        (SENTINEL.format(":changeme"), None, "OSTINATO_REDIS_URL"),
        (SENTINEL.format(":"), None, "OSTINATO_REDIS_URL"),
        (SENTINEL.format(":b8e2") + "&sentinel_password=ostinato", None, "OSTINATO_REDIS_URL"),
        (REDIS.format("b8e2"), "redis+cluster://c:6379", "OSTINATO_EVENT_STREAMS_URL"),
        (REDIS.format("b8e2"), "redis+cluster://:%6fstinato@c", "OSTINATO_EVENT_STREAMS_URL"),
        (REDIS.format("%63hangeme"), None, "OSTINATO_REDIS_URL"),
    ],
)
def test_a_default_password_of_sentinel_or_a_cluster_is_rejected_in_production(
    redis: str, streams: str | None, variable: str
) -> None:
    with pytest.raises(ValidationError, match=f"{variable} has no password or a well-known one"):
        redis_settings(redis, streams)


def redis_settings(redis: str, streams: str | None = None) -> CommonSettings:
    return CommonSettings.model_validate(
        {
            "database_url": POSTGRES.format("a7d1"),
            "redis_url": redis,
            "event_streams_url": streams,
        }
    )


def test_event_streams_are_in_the_same_redis_unless_they_have_a_url_of_their_own() -> None:
    sentinel = SENTINEL.format(":b8e2")
    for unset in (None, ""):
        assert redis_settings(sentinel, unset).streams_url == sentinel
    cluster = "redis+cluster://:b8e2@c:6379"
    assert redis_settings(sentinel, cluster).streams_url == cluster


def test_a_cluster_as_broker_ends_the_process_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSTINATO_DATABASE_URL", POSTGRES.format("a7d1"))
    monkeypatch.setenv("OSTINATO_REDIS_URL", "redis+cluster://:b8e2@c:6379")
    with pytest.raises(SystemExit) as error:
        CommonSettings.load()
    assert str(error.value) == (
        "OSTINATO_REDIS_URL: Celery cannot use a Redis Cluster: set OSTINATO_REDIS_URL to one "
        "Redis server or to Sentinel, and OSTINATO_EVENT_STREAMS_URL to the Cluster."
    )


def test_the_error_does_not_contain_the_passwords() -> None:
    with pytest.raises(ValidationError) as error:
        settings("", "a7d1")
    assert "a7d1" not in str(error.value)


def test_development_accepts_any_password() -> None:
    assert settings("", "", "development").environment == "development"


def test_one_error_names_every_renamed_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_SLOTS", "64")
    monkeypatch.setenv("ostinato_home", "/cache")  # pydantic-settings ignores case
    with pytest.raises(ValidationError) as error:
        OstinatoSettings()
    for old, new in (
        ("OSTINATO_SLOTS", "OSTINATO_MAX_NUM_SEQS"),
        ("OSTINATO_HOME", "OSTINATO_CACHE_DIR"),
    ):
        assert f"{old} was renamed: set {new} instead" in str(error.value)


def test_new_names_are_accepted() -> None:
    reject_renamed(dict.fromkeys(RENAMED_SETTINGS.values(), ""))


def test_a_lease_must_last_two_heartbeats() -> None:
    with pytest.raises(ValidationError, match="OSTINATO_HEARTBEAT_INTERVAL_SECONDS"):
        LeaseSettings(lease_seconds=9, heartbeat_interval_seconds=5)
    assert (
        LeaseSettings(lease_seconds=10, heartbeat_interval_seconds=5).lease_duration.seconds == 10
    )


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("OSTINATO_SLOTS", "8", "OSTINATO_SLOTS was renamed: set OSTINATO_MAX_NUM_SEQS"),
        (
            "OSTINATO_LEASE_SECONDS",
            "long",
            "OSTINATO_LEASE_SECONDS: Input should be a valid number",
        ),
        ("OSTINATO_LEASE_SECONDS", "1", "OSTINATO_HEARTBEAT_INTERVAL_SECONDS must be at most half"),
    ],
)
def test_a_wrong_variable_ends_the_process_with_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, line: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as error:
        LeaseSettings.load()
    assert str(error.value).startswith(line)
    assert len(str(error.value).splitlines()) == 1


def test_local_webhooks_are_allowed_in_development_only() -> None:
    fields = {"database_url": POSTGRES.format("a7d1"), "redis_url": REDIS.format("b8e2")}
    local = {**fields, "webhooks_allow_local": True}
    settings = WebhookSettings.model_validate({**local, "environment": "development"})
    assert settings.webhooks_allow_local
    with pytest.raises(ValidationError, match="OSTINATO_WEBHOOKS_ALLOW_LOCAL"):
        WebhookSettings.model_validate(local)
