"""The janitor: removes what errands have left behind once their jobs are over.

Refuses to touch what no job of this database has left.
"""

import asyncio
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from services.trainer.ipc.workdir import errands_under
from services.trainer.publishing.checkpoint_folder import incoming_under
from shared.db.database import Database
from shared.db.trainer_jobs import Errands

INTERVAL_SECONDS = 60.0
STALE_SECONDS = 24 * 3600
"""A cache that was begun so long ago is not being written any more."""
UUID_LENGTH = 36


class Janitor:
    """Keeps the folders of one trainer."""

    def __init__(self, database: Database, *, home: Path, checkpoints: Path) -> None:
        self._database = database
        self._home = home
        self._checkpoints = checkpoints

    async def step(self) -> None:
        """Remove what nobody will ask for again.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        left = [
            *_folders(errands_under(self._home).glob("*")),
            *_folders(incoming_under(self._checkpoints).glob("*")),
        ]
        async with self._database.transaction() as connection:
            ended = await Errands(connection).ended({job_id for job_id, _ in left})
        waste = [folder for job_id, folder in left if job_id in ended]
        await asyncio.to_thread(_remove, [*waste, *self._stale()])

    def _stale(self) -> list[Path]:
        """Caches whose writer was killed."""
        unfinished = self._home.glob("*/.unfinished-*")
        return [path for path in unfinished if time.time() - path.stat().st_mtime > STALE_SECONDS]


def _folders(paths: Iterable[Path]) -> Iterable[tuple[UUID, Path]]:
    """Each with the job that it is named for, be there what may behind it."""
    for path in paths:
        with suppress(ValueError):
            yield UUID(path.name[:UUID_LENGTH]), path


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
