"""The API key command when PostgreSQL is not available."""

import pytest
from typer.testing import CliRunner

from services.gateway.keys.manage_api_keys import app


def test_without_postgresql_it_prints_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_ENVIRONMENT", "development")
    monkeypatch.setenv("OSTINATO_DATABASE_URL", "postgresql+asyncpg://a:b@127.0.0.1:9/c")
    monkeypatch.setenv("OSTINATO_REDIS_URL", "redis://:d@127.0.0.1:9/0")
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 1
    assert result.stderr == "PostgreSQL does not answer; try again in 2 s.\n"
