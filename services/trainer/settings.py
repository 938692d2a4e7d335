"""What the trainer reads from `OSTINATO_*` variables, once, at start.

Training needs no database, so it has settings of its own beside those of the service.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
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


class TrainerSettings(CommonSettings, TrainingSettings):
    """The service: how it claims what it works on, and where everything lies."""

    lease_seconds: Annotated[float, Field(gt=0)] = 30.0
    heartbeat_seconds: Annotated[float, Field(gt=0)] = 5.0
    drain_seconds: Annotated[float, Field(ge=0)] = 60.0
    """After TERM: a training that has written nothing by then goes on from what it wrote before."""

    @property
    def lease(self) -> timedelta:
        """How long a claim holds without a sign of life."""
        return timedelta(seconds=self.lease_seconds)

    @model_validator(mode="after")
    def _live_longer_than_a_beat(self) -> Self:
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError(
                "OSTINATO_HEARTBEAT_SECONDS must be at most half of OSTINATO_LEASE_SECONDS, "
                "or one late heartbeat loses every errand."
            )
        return self


def without_secrets() -> dict[str, str]:
    """This process's environment for a child that has no business with the servers."""
    secret = {"OSTINATO_DATABASE_URL", "OSTINATO_REDIS_URL"}
    return {name: value for name, value in os.environ.items() if name not in secret}
