"""Where the gateway is and which key opens it: the environment first, then what `make up` wrote.

Refuses to know whether anything answers there.
"""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_URL = "http://127.0.0.1:8000"


class ClientSettings(BaseSettings):
    """`OSTINATO_URL` and `OSTINATO_API_KEY`, else the files that the local stack left in var/."""

    model_config = SettingsConfigDict(env_prefix="OSTINATO_", frozen=True, extra="ignore")

    url: str | None = None
    api_key: str | None = None
    var: Path = Path("var")
    """The local stack's folder."""

    @property
    def address(self) -> str:
        """The gateway's base URL."""
        return self.url or _text_of(self.var / "url") or DEFAULT_URL

    @property
    def key(self) -> str | None:
        """None where no key is known; the gateway then says that one is needed."""
        return self.api_key or _text_of(self.var / "api_key")


def _text_of(path: Path) -> str | None:
    return path.read_text().strip() if path.is_file() else None
