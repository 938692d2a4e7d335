"""Registration of checkpoint folders as model versions that clients can request.

A folder whose card is unreadable, or whose weights do not match its card, is skipped with a
warning. `python -m services.trainer.publishing.registration` registers all folders once.
"""

import asyncio
import logging
from pathlib import Path

from ostinato.schemas.models import ModelCard
from services.trainer.data.card_data import find_data_error
from services.trainer.settings import TrainerSettings
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.logs import configure
from shared.models.checkpoints import CARD, WEIGHTS, InvalidCheckpoint, read_card

log = logging.getLogger(__name__)


async def register_all(
    database: Database, checkpoints_dir: Path, datasets_dir: Path | None
) -> list[ModelCard]:
    """Register every valid folder in `checkpoints_dir`; returns their cards.

    Weights that an operator put there are promoted at once, unless the folder also has the promoted
    weights of the version. The output of a training job waits until a client promotes it.
    """
    cards = await asyncio.to_thread(_valid_cards, checkpoints_dir)
    present = {card.sha256 for card in cards}
    async with database.transaction() as connection:
        model_versions = ModelVersions(connection)
        for card in cards:
            await model_versions.register(card)
            await model_versions.set_data_error(card, find_data_error(card, datasets_dir))
            log.info("registered %s (%s)", card.version, card.sha256[:12])
        promoted = await model_versions.promoted_weights()
        for card in cards:
            if card.training.job_id is None and promoted.get(card.version) not in present:
                promoted[card.version] = card.sha256
                await model_versions.promote(card.version, card.sha256)
                log.info("promoted %s (%s)", card.version, card.sha256[:12])
    return cards


class ModelRegistrar:
    """Keeps the table of model versions up to date with the checkpoint folders."""

    def __init__(
        self, database: Database, checkpoints_dir: Path, datasets_dir: Path | None
    ) -> None:
        self._database = database
        self._checkpoints_dir = checkpoints_dir
        self._datasets_dir = datasets_dir
        self._registered: dict[Path, int] = {}

    async def sync(self) -> None:
        """Register all folders if one has changed since the last successful registration.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        found = _modification_times(self._checkpoints_dir)
        if found != self._registered:
            await register_all(self._database, self._checkpoints_dir, self._datasets_dir)
            self._registered = found


def _valid_cards(checkpoints_dir: Path) -> list[ModelCard]:
    folders = sorted(card.parent for card in checkpoints_dir.glob(f"*/{CARD}"))
    return [card for folder in folders if (card := _valid_card(folder)) is not None]


def _valid_card(folder: Path) -> ModelCard | None:
    try:
        return read_card(folder)
    except InvalidCheckpoint as error:
        log.warning("not registered: %s", error.detail)
        return None


def _modification_times(checkpoints_dir: Path) -> dict[Path, int]:
    """Modification times of each card and its weights, in nanoseconds."""
    files = [path for name in (CARD, WEIGHTS) for path in checkpoints_dir.glob(f"*/{name}")]
    return {path: path.stat().st_mtime_ns for path in files}


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
