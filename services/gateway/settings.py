"""What the gateway reads from its environment."""

from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import model_validator

from shared.settings import CommonSettings


class GatewaySettings(CommonSettings):
    """Where it listens, whom it lets in, and how much it takes."""

    host: str = "127.0.0.1"
    port: int = 8000
    allowed_origins: frozenset[str] = frozenset()
    """Origins of other web pages that may open a WebSocket; our own page always may."""
    max_unfinished_melodies: int = 100_000
    """An owner who is waiting for more than this is asked to wait: 429."""
    max_unfinished_trainings: int = 20
    """Likewise, in trainings."""
    max_unfinished_evaluations: int = 20
    """Likewise, in evaluations."""
    max_unfinished_readings: int = 20
    """Likewise, in data sets that are not read yet."""
    web: Path | None = None
    """The built web studio, served at `/`; left out, the API is all there is."""
    development_key_file: Path | None = None
    """In development: where the one key is written for the tools of the same machine."""

    @model_validator(mode="after")
    def _stay_at_home(self) -> Self:
        if self.environment == "development" and not ip_address(self.host).is_loopback:
            raise ValueError(
                f"OSTINATO_HOST is {self.host}: development mode has no secrets worth the name "
                "and listens on the loopback only. To be reached: OSTINATO_ENVIRONMENT=production."
            )
        return self
