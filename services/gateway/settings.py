"""Settings of the gateway, read from `OSTINATO_*` environment variables."""

from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import model_validator

from shared.settings import CommonSettings


class GatewaySettings(CommonSettings):
    """Address, allowed origins, quotas and static files."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    allowed_origins: frozenset[str] = frozenset()
    """Origins of other web pages that may open a WebSocket; the studio's own origin always may."""
    max_pending_melodies: int = 100_000
    """Unfinished melodies that one owner may have; further requests get 429."""
    max_pending_trainings: int = 20
    """Unfinished trainings that one owner may have."""
    max_pending_evaluations: int = 20
    """Unfinished evaluations that one owner may have."""
    max_pending_dataset_imports: int = 20
    """Unfinished data set imports that one owner may have."""
    static_dir: Path | None = None
    """Folder of the built web studio, served at `/`; without it, only the API is served."""
    development_key_file: Path | None = None
    """File to which development mode writes an API key, for local tools."""

    @model_validator(mode="after")
    def _require_loopback_in_development(self) -> Self:
        if self.environment == "development" and not ip_address(self.host).is_loopback:
            raise ValueError(
                f"OSTINATO_HOST is {self.host}, but development mode accepts well-known secrets "
                "and listens on the loopback interface only. To listen on other interfaces, set "
                "OSTINATO_ENVIRONMENT=production."
            )
        return self
