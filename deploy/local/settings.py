"""Where the embedded stack keeps its things, and the environment that its programs inherit.

Refuses to know what any program does with the variables.
"""

import os
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class LocalSettings(BaseSettings):
    """Read from `OSTINATO_*` variables, once, when a command starts."""

    model_config = SettingsConfigDict(env_prefix="OSTINATO_", frozen=True, extra="ignore")

    var: Path = Path("var")
    """Data, secrets, ports and logs; delete it and the stack begins anew."""
    checkpoints: Path = Path("checkpoints")
    """Model versions that are published at start."""
    web_sources: Path = Path("services/web")
    """What the web studio is built from."""
    port: int = 8000
    """The gateway's, when nobody else has it."""


def inherited() -> dict[str, str]:
    """A copy of this process's environment, for the programs that we start."""
    return dict(os.environ)
