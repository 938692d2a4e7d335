"""Settings of the embedded stack, and the environment that its programs inherit."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import OstinatoSettings

SHIPPED_CHECKPOINTS = Path("checkpoints")
"""The model versions of the checkout, as seen from the current folder."""


class LocalSettings(OstinatoSettings):
    """Read from `OSTINATO_*` variables once, when a command starts; empty ones count as unset."""

    model_config = SettingsConfigDict(env_ignore_empty=True)  # an empty path is the current folder

    state_dir: Path = Path("var")
    """Data, secrets, ports and logs; `ostinato down --delete` deletes it."""
    checkpoints_dir: Path | None = None
    """Folder of the model versions. Unset: `checkpoints/` in the state folder, to which each start
    adds the versions of `checkpoints/` in the current folder."""
    web_sources: Path = Path("services/web")
    """The source folder of the web studio."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The gateway's port; 0: any free one. If a port that is set is in use, the stack does not
    start; if the default is, another one is used."""
    device: Literal["cpu", "cuda"] = "cpu"
    """The worker's device, which `up` and `doctor` report."""

    @property
    def port_is_required(self) -> bool:
        """Whether the user chose a port, so that no other one will do."""
        return "port" in self.model_fields_set and self.port != 0


def inherited_environment() -> dict[str, str]:
    """A copy of this process's environment, for child processes."""
    return dict(os.environ)
