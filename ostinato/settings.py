"""The gateway's URL and API key, from the environment or the embedded stack."""

import os
from pathlib import Path
from typing import Self

import httpx
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
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,  # docs/configuration.md shows them
    )

    url: str | None = None
    """The gateway's base URL, with or without `/v1`; default: the embedded stack's."""
    api_key: str | None = None
    """The API key; default: the embedded stack's development key."""
    state_dir: Path = Path("var")
    """Folder of the embedded stack, which contains both defaults."""

    @model_validator(mode="after")
    def _reject_renamed_variables(self) -> Self:
        """A renamed variable would otherwise be ignored, and the default would apply."""
        for old, new in RENAMED_SETTINGS.items():
            if old in os.environ:
                raise ClientError(f"{old} was renamed: set {new} instead.")
        return self

    @property
    def address(self) -> str:
        """The gateway's base URL, without `/v1`.

        Raises:
            ClientError: it is not an HTTP URL, or the file that has it cannot be read.
        """
        if self.url:
            return _base_url(self.url, "OSTINATO_URL")
        found = _read(self._url_file)
        return _base_url(found, str(self._url_file)) if found else DEFAULT_URL

    @property
    def key(self) -> str | None:
        """The API key; None if none is set, and the gateway then rejects requests.

        Raises:
            ClientError: the file that has it cannot be read.
        """
        return self.api_key or _read(self._key_file)

    @property
    def address_source(self) -> str:
        """What set the URL, as a sentence."""
        if self.url:
            return "The address is from OSTINATO_URL."
        if _read(self._url_file):
            return f"The address is from {self._url_file}; OSTINATO_URL is not set."
        return (
            "The address is the default: OSTINATO_URL is not set, and "
            f"{self._url_file} does not exist."
        )

    @property
    def key_source(self) -> str:
        """What set the key, or why there is none, as a sentence."""
        if self.api_key:
            return "The key is from OSTINATO_API_KEY."
        if _read(self._key_file):
            return f"The key is from {self._key_file}; OSTINATO_API_KEY is not set."
        return f"OSTINATO_API_KEY is not set, and {self._key_file} does not exist."

    @property
    def _url_file(self) -> Path:
        return self.state_dir.absolute() / "url"

    @property
    def _key_file(self) -> Path:
        return self.state_dir.absolute() / "api_key"


def _read(path: Path) -> str | None:
    """The text of a file; None if it does not exist."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise ClientError(
            f"Cannot read {path}: {reason}; set OSTINATO_URL and OSTINATO_API_KEY, or set "
            "OSTINATO_STATE_DIR to the folder of your own stack."
        ) from error


def _base_url(text: str, source: str) -> str:
    base = text.strip().rstrip("/").removesuffix("/v1").rstrip("/")
    try:
        parsed = httpx.URL(base)
    except httpx.InvalidURL as error:
        raise ClientError(f"{source}: {text!r} is not a URL: {error}.") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ClientError(
            f"{source} must start with http:// or https:// and name a host, such as "
            f"{DEFAULT_URL}; it is {text!r}."
        )
    return base
