"""Periodic removal of directories of terminal jobs and of half-written caches.

A directory is removed only if it is named after a job of this database.
"""

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from services.trainer.data.atomic_folder import abandoned_folders
from services.trainer.ipc.workdir import jobs_dir
from services.trainer.publishing.checkpoint_folder import staging_dir
from shared.db.database import Database
from shared.db.trainer.trainer_jobs import TrainerJobs

CLEANUP_INTERVAL_SECONDS = 60.0
UUID_LENGTH = 36


class WorkdirCleaner:
    """Removes the directories and caches that one trainer no longer needs."""

    def __init__(self, database: Database, *, cache_dir: Path, checkpoints_dir: Path) -> None:
        self._database = database
        self._cache_dir = cache_dir
        self._checkpoints_dir = checkpoints_dir

    async def clean(self) -> None:
        """Remove the directories of terminal jobs, and the caches whose writer was killed.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        found = [
            *_by_job(jobs_dir(self._cache_dir).glob("*")),
            *_by_job(staging_dir(self._checkpoints_dir).glob("*")),
        ]
        async with self._database.transaction() as connection:
            terminal = await TrainerJobs(connection).terminal({job_id for job_id, _ in found})
        leftovers = [folder for job_id, folder in found if job_id in terminal]
        caches = [
            path for folder in self._cache_dir.glob("*/") for path in abandoned_folders(folder)
        ]
        await asyncio.to_thread(_remove, [*leftovers, *caches])


def _by_job(paths: Iterable[Path]) -> Iterable[tuple[UUID, Path]]:
    """Each path whose name begins with a job id, with that id."""
    for path in paths:
        with suppress(ValueError):
            yield UUID(path.name[:UUID_LENGTH]), path


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
