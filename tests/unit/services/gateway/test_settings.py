"""Development mode serves the loopback interface only."""

import pytest
from pydantic import ValidationError

from services.gateway.settings import GatewaySettings

DEVELOPMENT = {
    "environment": "development",
    "database_url": "postgresql+asyncpg://a:b@127.0.0.1/c",
    "redis_url": "redis://:d@127.0.0.1/0",
}


def test_development_mode_rejects_other_interfaces() -> None:
    with pytest.raises(ValidationError, match="OSTINATO_ENVIRONMENT=production"):
        GatewaySettings.model_validate({**DEVELOPMENT, "host": "0.0.0.0"})  # noqa: S104


def test_production_mode_accepts_other_interfaces() -> None:
    settings = {**DEVELOPMENT, "environment": "production", "host": "0.0.0.0"}  # noqa: S104
    assert GatewaySettings.model_validate(settings).port == 8000
