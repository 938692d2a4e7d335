"""Settings that the trainer rejects, and settings that its child processes do not get."""

import pytest
from pydantic import ValidationError

from services.trainer.settings import StoragePaths, TrainerSettings, child_environment

SERVERS = {
    "environment": "development",
    "database_url": "postgresql+asyncpg://o:o@127.0.0.1/o",
    "redis_url": "redis://127.0.0.1/0",
}


def test_a_lease_must_be_valid_for_two_heartbeats() -> None:
    with pytest.raises(ValidationError, match="at most half of OSTINATO_LEASE_SECONDS"):
        TrainerSettings.model_validate(
            {**SERVERS, "lease_seconds": 5, "heartbeat_interval_seconds": 3}
        )
    settings = TrainerSettings.model_validate({**SERVERS, "lease_seconds": 10})
    assert settings.lease_duration.total_seconds() == 10


def test_children_do_not_get_the_credentials_of_the_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSTINATO_DATABASE_URL", "secret")
    monkeypatch.setenv("OSTINATO_REDIS_URL", "secret")
    monkeypatch.setenv("OSTINATO_EVENT_STREAMS_URL", "secret")
    monkeypatch.setenv("OSTINATO_CACHE_DIR", "here")
    environment = child_environment()
    assert environment["OSTINATO_CACHE_DIR"] == "here"
    assert "secret" not in environment.values()


def test_children_get_absolute_paths() -> None:
    paths = StoragePaths.from_settings(TrainerSettings.model_validate(SERVERS))
    assert paths.cache_dir.is_absolute()
    assert paths.checkpoints_dir.is_absolute()
    assert paths.datasets_dir is None
