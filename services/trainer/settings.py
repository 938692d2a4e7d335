"""Settings of the trainer, read from `OSTINATO_*` environment variables at start.

`TrainingSettings` is enough for training from the command line, which needs no database.
"""

import os
from pathlib import Path

from pydantic import field_validator

from ostinato.schemas.schema import Schema
from shared.settings import CommonSettings, LeaseSettings, OstinatoSettings


class TrainingSettings(OstinatoSettings):
    """Folders that training reads and writes."""

    datasets_dir: Path | None = None
    """Folder of the named data sets; without it, only the corpus of music21 is available."""
    cache_dir: Path = Path("~/.ostinato")
    """Folder of parsed data sets, runs and attempt directories; it may be deleted while no run is
    unfinished."""
    checkpoints_dir: Path = Path("checkpoints")
    """Folder to which finished models are written, one folder per version."""

    @field_validator("cache_dir")
    @classmethod
    def _expand(cls, cache_dir: Path) -> Path:
        return cache_dir.expanduser()


class TrainerSettings(CommonSettings, TrainingSettings, LeaseSettings):
    """Settings of the service: servers, folders and leases.

    A training that writes no checkpoint within `drain_timeout_seconds` after SIGTERM is killed; the
    next attempt resumes from its last checkpoint.
    """


class StoragePaths(Schema):
    """The locations of a job's inputs and outputs; sent to child processes."""

    cache_dir: Path
    datasets_dir: Path | None
    checkpoints_dir: Path
    storage_url: str

    @classmethod
    def from_settings(cls, settings: TrainerSettings) -> "StoragePaths":
        """The folders of `settings`, as absolute paths."""
        return cls(
            cache_dir=settings.cache_dir.absolute(),
            datasets_dir=settings.datasets_dir and settings.datasets_dir.absolute(),
            checkpoints_dir=settings.checkpoints_dir.absolute(),
            storage_url=settings.storage_url,
        )


def child_environment() -> dict[str, str]:
    """This process's environment without the credentials of PostgreSQL and Redis."""
    secret = {"OSTINATO_DATABASE_URL", "OSTINATO_REDIS_URL"}
    return {name: value for name, value in os.environ.items() if name not in secret}
