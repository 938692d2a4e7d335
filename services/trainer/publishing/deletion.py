"""Deletes the checkpoint folders of model versions that their owners deleted."""

import asyncio
import logging
import shutil
from pathlib import Path

from services.trainer.publishing.checkpoint_folder import staging_dir
from shared.db.database import Database
from shared.db.retention.model_deletion import Weights, forget_weights, take_deleted_weights
from shared.models.checkpoints import InvalidCheckpoint, find_checkpoint

log = logging.getLogger(__name__)


async def delete_checkpoints(database: Database, checkpoints_dir: Path) -> None:
    """Delete the folders of deleted versions; what cannot be deleted is tried again later.

    Raises:
        Unavailable: PostgreSQL does not answer.
    """
    async with database.transaction() as connection:
        for weights in await take_deleted_weights(connection):
            try:
                await asyncio.to_thread(_delete, checkpoints_dir, weights)
            except OSError as error:
                log.error("Cannot delete version %s: %s", weights.version, error)  # noqa: TRY400 - the error suffices
                continue
            await forget_weights(connection, weights)
            log.info("Deleted version %s (%s).", weights.version, weights.sha256[:12])


def _delete(checkpoints_dir: Path, weights: Weights) -> None:
    """Move each folder of the weights out of the checkpoints first, so that none is incomplete."""
    target = staging_dir(checkpoints_dir) / f"{weights.sha256}-deleted"
    while True:
        if target.exists():
            shutil.rmtree(target)
        try:
            folder = find_checkpoint(checkpoints_dir, *weights)
        except InvalidCheckpoint:
            return
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
