"""What the trainer refuses to start with, and what it keeps from its children."""

import pytest
from pydantic import ValidationError

from services.trainer.settings import TrainerSettings, without_secrets

SERVERS = {
    "environment": "development",
    "database_url": "postgresql+asyncpg://o:o@127.0.0.1/o",
    "redis_url": "redis://127.0.0.1/0",
}


def test_a_lease_outlives_a_late_heartbeat() -> None:
    with pytest.raises(ValidationError, match="at most half of OSTINATO_LEASE_SECONDS"):
        TrainerSettings.model_validate({**SERVERS, "lease_seconds": 5, "heartbeat_seconds": 3})
    settings = TrainerSettings.model_validate({**SERVERS, "lease_seconds": 10})
    assert settings.lease.total_seconds() == 10


def test_a_child_does_not_know_the_way_to_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_DATABASE_URL", "secret")
    monkeypatch.setenv("OSTINATO_REDIS_URL", "secret")
    monkeypatch.setenv("OSTINATO_HOME", "here")
    environment = without_secrets()
    assert environment["OSTINATO_HOME"] == "here"
    assert "secret" not in environment.values()
