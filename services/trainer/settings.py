"""Settings of the trainer, read from `OSTINATO_*` environment variables at start.

`TrainingSettings` is enough for training from the command line, which needs no database.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

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
    device: Literal["cpu", "cuda"] = "cpu"
    """Device on which models are trained."""

    @field_validator("cache_dir")
    @classmethod
    def _expand(cls, cache_dir: Path) -> Path:
        return cache_dir.expanduser()


Limit = Annotated[float, Field(gt=0)]
OptionalLimit = Annotated[float | None, Field(gt=0)]


class ChildLimitSettings(OstinatoSettings):
    """What the processes of one job may use together. A job that exceeds a limit fails."""

    max_training_memory_gib: OptionalLimit = None
    """Memory of a training, without that of a GPU. If unset: 80 % of the machine's memory."""
    max_training_cpu_seconds: OptionalLimit = None
    """Processor time of a training. If unset: no limit."""
    max_training_seconds: OptionalLimit = None
    """Time of an attempt of a training. If unset: an hour and 5 times the `minutes` of its request,
    which do not count preparation and validations; none if it has no `minutes`."""
    max_evaluation_memory_gib: OptionalLimit = None
    """Memory of an evaluation, without that of a GPU. If unset: 80 % of the machine's memory."""
    max_evaluation_cpu_seconds: OptionalLimit = None
    """Processor time of an evaluation. If unset: no limit."""
    max_evaluation_seconds: Limit = 6 * 3600.0
    """Time of an attempt of an evaluation."""
    max_dataset_import_memory_gib: Limit = 6.0
    """Memory of a data set import."""
    max_dataset_import_cpu_seconds: Limit = 4 * 3600.0
    """Processor time of a data set import."""
    max_dataset_import_seconds: Limit = 3600.0
    """Time of an attempt of a data set import."""
    max_engraving_memory_gib: Limit = 2.0
    """Memory of an engraving."""
    max_engraving_cpu_seconds: Limit = 300.0
    """Processor time of an engraving."""
    max_engraving_seconds: Limit = 900.0
    """Time of an attempt of an engraving."""


class TrainerSettings(CommonSettings, TrainingSettings, LeaseSettings, ChildLimitSettings):
    """Settings of the service: servers, folders, leases, and limits on its child processes.

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
    secret = {"OSTINATO_DATABASE_URL", "OSTINATO_REDIS_URL", "OSTINATO_EVENT_STREAMS_URL"}
    return {name: value for name, value in os.environ.items() if name not in secret}
