"""Settings of the embedded stack, and the environment that its programs inherit."""

import os
from pathlib import Path

from shared.settings import OstinatoSettings


class LocalSettings(OstinatoSettings):
    """Read from `OSTINATO_*` variables once, when a command starts."""

    state_dir: Path = Path("var")
    """Data, secrets, ports and logs; delete it to start from scratch."""
    checkpoints_dir: Path = Path("checkpoints")
    """The model versions that are registered at start."""
    web_sources: Path = Path("services/web")
    """The source folder of the web studio."""
    port: int = 8000
    """The gateway's preferred port; another one is used if it is not free."""


def inherited_environment() -> dict[str, str]:
    """A copy of this process's environment, for child processes."""
    return dict(os.environ)
