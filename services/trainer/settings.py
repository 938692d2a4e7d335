"""What the trainer reads from `OSTINATO_*` variables, once, at start.

Training needs no database, so it has settings of its own beside those of the service.
"""

from pathlib import Path

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import CommonSettings


class TrainingSettings(BaseSettings):
    """Where training keeps its things."""

    model_config = SettingsConfigDict(env_prefix="OSTINATO_", frozen=True, extra="ignore")

    data: Path | None = None
    """The folder of the named data sets; without it there is only music21's corpus."""
    home: Path = Path("~/.ostinato")
    """Data sets that were read and runs that go on; may be deleted at the price of time."""
    checkpoints: Path = Path("checkpoints")
    """Where finished models go, a folder each."""

    @field_validator("home")
    @classmethod
    def _expand(cls, home: Path) -> Path:
        return home.expanduser()


class TrainerSettings(CommonSettings):
    """The service: where the versions are registered, and the folder that they are read from."""
