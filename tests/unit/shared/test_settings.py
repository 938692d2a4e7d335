"""Outside development, a secret that everybody knows refuses to start and names the variable."""

import pytest
from pydantic import ValidationError

from shared.settings import CommonSettings

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


def test_real_secrets_start() -> None:
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
def test_a_default_secret_refuses_to_start(postgres: str, redis: str, variable: str) -> None:
    with pytest.raises(ValidationError, match=variable):
        settings(postgres, redis)


def test_what_refuses_to_start_does_not_tell_the_secrets() -> None:
    with pytest.raises(ValidationError) as refused:
        settings("", "a7d1")
    assert "a7d1" not in str(refused.value)


def test_development_takes_any() -> None:
    assert settings("", "", "development").environment == "development"
