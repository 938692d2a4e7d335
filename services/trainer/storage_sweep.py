"""Periodic removal of uploads and caches that no data set needs.

A process that is killed between two steps leaves such files. Only the processes of one database may
use a storage.
"""

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from ostinato.schemas.trainings import NAMED_DATASETS
from services.trainer.data.atomic_folder import UNFINISHED as UNFINISHED_FOLDER
from services.trainer.data.catalog import CATALOG
from shared.db.database import Database
from shared.db.trainer.datasets import Datasets
from shared.storage.archives import DATASETS_FOLDER, dataset_key
from shared.storage.blobs import UNFINISHED, Blobs

SWEEP_INTERVAL_SECONDS = 600.0
MIN_AGE = timedelta(hours=1)
"""A younger upload may not have its data set yet."""
PAGE_SIZE = 500
"""Data sets of one query."""
CACHES = ("datasets", "tokens")
"""The folders of the cache whose subfolders are named after data sets."""


class StorageSweep:
    """Removes uploads and caches that are not needed."""

    def __init__(self, database: Database, *, storage_url: str, cache_dir: Path) -> None:
        self._database = database
        self._storage_url = storage_url
        self._cache_dir = cache_dir

    async def sweep(self) -> None:
        """Remove the uploads without a data set, those of rejected ones, and unused caches.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        blobs = await asyncio.to_thread(Blobs, self._storage_url)
        keys = await asyncio.to_thread(blobs.keys, DATASETS_FOLDER)
        ids = {key: dataset_id for key in keys if (dataset_id := _dataset_id(key)) is not None}
        unneeded = [key for key in keys if key.endswith(UNFINISHED)]
        rejected: list[str] = []
        for start in range(0, len(ids), PAGE_SIZE):
            page = dict(list(ids.items())[start : start + PAGE_SIZE])
            async with self._database.connection() as connection:
                stored = await Datasets(connection).stored(page.values())
            unneeded += [key for key, dataset_id in page.items() if dataset_id not in stored]
            rejected += [
                key for key, dataset_id in page.items() if not stored.get(dataset_id, True)
            ]
        await asyncio.to_thread(_remove_blobs, blobs, unneeded, rejected)
        await self._sweep_caches()

    async def _sweep_caches(self) -> None:
        folders = [path for name in CACHES for path in (self._cache_dir / name).glob("*-*")]
        found = {path: path.name.rpartition("-")[0] for path in folders if _is_old(path)}
        names = set(found.values()) - {*NAMED_DATASETS, *CATALOG, UNFINISHED_FOLDER.rstrip("-")}
        async with self._database.connection() as connection:
            unused = names - await Datasets(connection).existing_names(names)
        await asyncio.to_thread(
            _remove_folders, [path for path, name in found.items() if name in unused]
        )


def _dataset_id(key: str) -> UUID | None:
    """The data set whose zip has this key; None if it is the key of something else."""
    with suppress(ValueError):
        dataset_id = UUID(Path(key).stem)
        return dataset_id if dataset_key(dataset_id) == key else None
    return None


def _remove_blobs(blobs: Blobs, unneeded: Iterable[str], rejected: Iterable[str]) -> None:
    for key in unneeded:
        with suppress(FileNotFoundError):
            if datetime.now(UTC) - blobs.modified(key) > MIN_AGE:
                blobs.remove(key)
    for key in rejected:
        with suppress(FileNotFoundError):
            blobs.remove(key)


def _is_old(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        age = datetime.now(UTC) - datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        return age > MIN_AGE
    return False


def _remove_folders(folders: Iterable[Path]) -> None:
    """Remove each folder so that no reader finds a part of it."""
    for folder in folders:
        removed = folder.with_name(f"{UNFINISHED_FOLDER}{folder.name}")
        with suppress(OSError):
            folder.rename(removed)
            shutil.rmtree(removed)
