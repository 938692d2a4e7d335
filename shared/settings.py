"""The settings that several services read, from `OSTINATO_*` variables, once, at start.

Each service extends `CommonSettings` in its own settings.py. Refuses to start with an empty secret
outside development, and says which variable to set.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import PostgresDsn, RedisDsn, TypeAdapter, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRETS = frozenset({None, "", "ostinato", "postgres", "password", "changeme"})

_POSTGRES = TypeAdapter(PostgresDsn)
_REDIS = TypeAdapter(RedisDsn)


class CommonSettings(BaseSettings):
    """Where the truth and the hints live, and how loudly to speak."""

    model_config = SettingsConfigDict(
        env_prefix="OSTINATO_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # the input has the passwords
    )

    environment: Literal["production", "development"] = "production"
    database_url: str
    """postgresql+asyncpg://user:password@host:port/name"""
    redis_url: str
    """redis://:password@host:port/0"""
    checkpoints: Path = Path("checkpoints")
    storage_url: str = "var/storage"
    """A folder, or any URL that fsspec speaks: data sets, and later training logs."""
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _refuse_default_secrets(self) -> Self:
        """A secret that everybody knows is only for a machine that nobody reaches."""
        if self.environment == "development":
            return self
        passwords = {
            "OSTINATO_DATABASE_URL": _POSTGRES.validate_python(self.database_url).hosts()[0][
                "password"
            ],
            "OSTINATO_REDIS_URL": _REDIS.validate_python(self.redis_url).password,
        }
        for variable, password in passwords.items():
            if password in DEFAULT_SECRETS:
                raise ValueError(
                    f"{variable} has no password or a well-known one: give it a secret of its own, "
                    "or set OSTINATO_ENVIRONMENT=development on a machine that nobody else reaches."
                )
        return self
