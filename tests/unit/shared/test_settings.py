"""Tests of the shared settings: secrets, renamed variables, leases."""

import pytest
from pydantic import ValidationError

from shared.settings import (
    RENAMED_SETTINGS,
    CommonSettings,
    LeaseSettings,
    OstinatoSettings,
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
