"""Registration of checkpoint folders as model versions that clients can request.

A folder whose card is unreadable, or whose weights do not match its card, is skipped with a
warning. `python -m services.trainer.publishing.registration` registers all folders once.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ostinato.schemas.models import ModelCard
from services.trainer.data.card_data import find_data_error
from services.trainer.publishing.deletion import delete_checkpoints
from services.trainer.settings import TrainerSettings
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions, WantedWeights
from shared.db.retention.model_deletion import Weights, deleted_weights, mark_missing_uploads
from shared.db.retention.storage_usage import set_num_bytes
from shared.logs import configure
from shared.models.checkpoints import (
    CARD,
    GENERATION_CONFIG,
    WEIGHTS,
    InvalidCheckpoint,
    read_card,
)

log = logging.getLogger(__name__)


async def register_all(
    database: Database, checkpoints_dir: Path, datasets_dir: Path | None
) -> list[ModelCard]:
    """Register every valid folder in `checkpoints_dir`; returns their cards.

    The promotion of weights that an operator put there is requested at once, unless the folder also
    has the promoted weights of the version, or others whose promotion is pending, or the version
    was demoted. The output of a training job waits until a client promotes it.
    """
    folders = await asyncio.to_thread(_valid_folders, checkpoints_dir)
    async with database.transaction() as connection:
        model_versions = ModelVersions(connection)
        deleted = await deleted_weights(connection)
        # In this order promotions lock the rows, too
        folders = sorted(
            (folder for folder in folders if folder.weights not in deleted),
            key=lambda folder: folder.weights,
        )
        cards = [folder.card for folder in folders]
        for card, num_bytes in folders:
            await model_versions.register(card)
            await set_num_bytes(connection, card, num_bytes)
            await model_versions.set_data_error(card, find_data_error(card, datasets_dir))
            log.info("registered %s (%s)", card.version, card.sha256[:12])
        await mark_missing_uploads(connection)
    async with database.transaction() as connection:
        await _request_promotions(Promotions(connection), cards)
    return cards


async def _request_promotions(promotions: Promotions, cards: Sequence[ModelCard]) -> None:
    """Request the promotion of weights that an operator put into the folder."""
    wanted = {item.version: item for item in await promotions.wanted()}
    present = {(card.version, card.sha256) for card in cards}
    decided = {item.version for item in wanted.values() if present & _expected(item)}
    decided |= await promotions.demoted()
    for card in cards:
        known = wanted.get(card.version)
        is_refused = known and known.request and known.request.sha256 == card.sha256
        if card.training.job_id is None and card.version not in decided and not is_refused:
            decided.add(card.version)
            await promotions.request(card.version, card.sha256)
            log.info("requested the promotion of %s (%s)", card.version, card.sha256[:12])


def _expected(wanted: WantedWeights) -> set[tuple[str, str]]:
    """The weights of a version that are promoted, or whose promotion is pending."""
    expected = {wanted.promoted} - {None}
    if wanted.request is not None and wanted.request.refusal is None:
        expected.add(wanted.request.sha256)
    return {(wanted.version, sha256) for sha256 in expected if sha256}


class ModelRegistrar:
    """Keeps the table of model versions up to date with the checkpoint folders."""

    def __init__(
        self, database: Database, checkpoints_dir: Path, datasets_dir: Path | None
    ) -> None:
        self._database = database
        self._checkpoints_dir = checkpoints_dir
        self._datasets_dir = datasets_dir
        self._registered: dict[Path, int] = {}
        self.has_registered = False
        """Whether all sound folders have been registered since the start."""

    async def sync(self) -> None:
        """Delete the versions that owners deleted; register all folders if one has changed.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        await delete_checkpoints(self._database, self._checkpoints_dir)
        found = _modification_times(self._checkpoints_dir)
        if found != self._registered:
            await register_all(self._database, self._checkpoints_dir, self._datasets_dir)
            self._registered = found
        self.has_registered = True


class _Folder(NamedTuple):
    """A valid checkpoint folder."""

    card: ModelCard
    num_bytes: int

    @property
    def weights(self) -> Weights:
        return Weights(self.card.version, self.card.sha256)


def _valid_folders(checkpoints_dir: Path) -> list[_Folder]:
    folders = sorted(card.parent for card in checkpoints_dir.glob(f"*/{CARD}"))
    return [
        _Folder(card, sum(file.stat().st_size for file in folder.iterdir()))
        for folder in folders
        if (card := _valid_card(folder)) is not None
    ]


def _valid_card(folder: Path) -> ModelCard | None:
    try:
        return read_card(folder)
    except InvalidCheckpoint as error:
        log.warning("not registered: %s", error.detail)
        return None


def _modification_times(checkpoints_dir: Path) -> dict[Path, int]:
    """Modification times of each card, its weights and defaults, in nanoseconds."""
    files = [
        path
        for name in (CARD, WEIGHTS, GENERATION_CONFIG)
        for path in checkpoints_dir.glob(f"*/{name}")
    ]
    times = {}
    for path in files:
        with suppress(FileNotFoundError):  # deleted meanwhile
            times[path] = path.stat().st_mtime_ns
    return times


async def main() -> None:
    """Register all folders once."""
    settings = TrainerSettings.load()
    configure("trainer", settings.log_level, settings.log_format)
    database = Database.from_settings(settings, pool_size=1)
    try:
        await register_all(database, settings.checkpoints_dir, settings.datasets_dir)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
