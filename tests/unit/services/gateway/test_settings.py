"""Development mode serves the loopback interface only; origins are checked."""

import pytest
from pydantic import ValidationError

from services.gateway.settings import GatewaySettings
from tests.unit.services.gateway.gateway_app import DEVELOPMENT


def test_development_mode_rejects_other_interfaces() -> None:
    with pytest.raises(ValidationError, match="OSTINATO_ENVIRONMENT=production"):
        GatewaySettings.model_validate({**DEVELOPMENT, "host": "0.0.0.0"})  # noqa: S104


def test_production_mode_accepts_other_interfaces() -> None:
    settings = {**DEVELOPMENT, "environment": "production", "host": "0.0.0.0"}  # noqa: S104
    assert GatewaySettings.model_validate(settings).port == 8000


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a gateway in development mode."""
    for name, value in DEVELOPMENT.items():
        monkeypatch.setenv(f"OSTINATO_{name.upper()}", value)
    return monkeypatch


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", set()),
        (" , ", set()),
        ("http://localhost:3000", {"http://localhost:3000"}),
        (
            " https://a.example , http://localhost:3000,",
            {"https://a.example", "http://localhost:3000"},
        ),
        ("HTTPS://A.example:443,http://b.example:80", {"https://a.example", "http://b.example"}),
        ("http://[::1]:3000", {"http://[::1]:3000"}),
        ("tauri://localhost", {"tauri://localhost"}),
    ],
)
def test_allowed_origins_are_separated_by_commas(
    environment: pytest.MonkeyPatch, text: str, origins: set[str]
) -> None:
    environment.setenv("OSTINATO_ALLOWED_ORIGINS", text)
    assert GatewaySettings.load().allowed_origins == origins


@pytest.mark.parametrize(
    "text",
    [
        *("*", "https://*", "null", "localhost:3000", "a.example", "http://", "http://a.example/"),
        *("http://a.example/page", "http://a.example:port", "http://a b", '["http://a.example"]'),
    ],
)
def test_a_malformed_origin_ends_the_process_with_one_sentence(
    environment: pytest.MonkeyPatch, text: str
) -> None:
    environment.setenv("OSTINATO_ALLOWED_ORIGINS", f"https://a.example, {text}")
    with pytest.raises(SystemExit) as error:
        GatewaySettings.load()
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"OSTINATO_ALLOWED_ORIGINS: {text!r} is not an origin: ")
