"""The gateway's URL and API key, from the environment or the embedded stack."""

import os
from pathlib import Path
from typing import Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ostinato.errors import ClientError

DEFAULT_URL = "http://127.0.0.1:8000"
RENAMED_SETTINGS = {"OSTINATO_VAR": "OSTINATO_STATE_DIR"}
"""Variables that a release renamed."""


class ClientSettings(BaseSettings):
    """`OSTINATO_URL` and `OSTINATO_API_KEY`; else the files of the embedded stack in var/."""

    model_config = SettingsConfigDict(
        env_prefix="OSTINATO_",
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,  # docs/configuration.md shows them
    )

    url: str | None = None
    """The gateway's base URL; default: the embedded stack's."""
    api_key: str | None = None
    """The API key; default: the embedded stack's development key."""
    state_dir: Path = Path("var")
    """Folder of the embedded stack, which contains both defaults."""

    @model_validator(mode="after")
    def _reject_renamed_variables(self) -> Self:
        """A renamed variable would otherwise be ignored, and the default would apply."""
        for old, new in RENAMED_SETTINGS.items():
            if old in os.environ:
                raise ClientError(f"{old} was renamed in 0.2.0: set {new} instead.")
        return self

    @property
    def address(self) -> str:
        """The gateway's base URL."""
        return self.url or _read(self.state_dir / "url") or DEFAULT_URL

    @property
    def key(self) -> str | None:
        """The API key; None if none is set, and the gateway then rejects requests."""
        return self.api_key or _read(self.state_dir / "api_key")


def _read(path: Path) -> str | None:
    return path.read_text().strip() if path.is_file() else None
