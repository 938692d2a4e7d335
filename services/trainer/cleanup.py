"""Periodic removal of directories of terminal jobs and of half-written caches.

A directory is removed only if it is named after a job of this database.
"""

import asyncio
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from services.trainer.ipc.workdir import jobs_dir
from services.trainer.publishing.checkpoint_folder import staging_dir
from shared.db.database import Database
from shared.db.trainer_jobs import TrainerJobs

CLEANUP_INTERVAL_SECONDS = 60.0
STALE_SECONDS = 24 * 3600
"""A half-written cache that is older than this was left by a process that was killed."""
UUID_LENGTH = 36


class WorkdirCleaner:
    """Removes the directories and caches that one trainer no longer needs."""

    def __init__(self, database: Database, *, cache_dir: Path, checkpoints_dir: Path) -> None:
        self._database = database
        self._cache_dir = cache_dir
        self._checkpoints_dir = checkpoints_dir

    async def clean(self) -> None:
        """Remove the directories of terminal jobs, and the stale half-written caches.

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
        await asyncio.to_thread(_remove, [*leftovers, *self._stale_caches()])

    def _stale_caches(self) -> list[Path]:
        """Half-written caches whose writing process was killed."""
        unfinished = self._cache_dir.glob("*/.unfinished-*")
        return [path for path in unfinished if time.time() - path.stat().st_mtime > STALE_SECONDS]


def _by_job(paths: Iterable[Path]) -> Iterable[tuple[UUID, Path]]:
    """Each path whose name begins with a job id, with that id."""
    for path in paths:
        with suppress(ValueError):
            yield UUID(path.name[:UUID_LENGTH]), path


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
