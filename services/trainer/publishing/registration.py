"""Registration of checkpoint folders as model versions that clients can request.

A folder whose card is unreadable, or whose weights do not match its card, is skipped with a
warning. `python -m services.trainer.publishing.registration` registers all folders once.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from ostinato.schemas.models import ModelCard
from services.trainer.data.card_data import find_data_error
from services.trainer.settings import TrainerSettings
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions, WantedWeights
from shared.logs import configure
from shared.models.checkpoints import CARD, WEIGHTS, InvalidCheckpoint, read_card

log = logging.getLogger(__name__)


async def register_all(
    database: Database, checkpoints_dir: Path, datasets_dir: Path | None
) -> list[ModelCard]:
    """Register every valid folder in `checkpoints_dir`; returns their cards.

    The promotion of weights that an operator put there is requested at once, unless the folder also
    has the promoted weights of the version, or others whose promotion is pending. The output of a
    training job waits until a client promotes it.
    """
    cards = await asyncio.to_thread(_valid_cards, checkpoints_dir)
    # In this order promotions lock the rows, too
    cards.sort(key=lambda card: (card.version, card.sha256))
    async with database.transaction() as connection:
        model_versions = ModelVersions(connection)
        for card in cards:
            await model_versions.register(card)
            await model_versions.set_data_error(card, find_data_error(card, datasets_dir))
            log.info("registered %s (%s)", card.version, card.sha256[:12])
    async with database.transaction() as connection:
        await _request_promotions(Promotions(connection), cards)
    return cards


async def _request_promotions(promotions: Promotions, cards: Sequence[ModelCard]) -> None:
    """Request the promotion of weights that an operator put into the folder."""
    wanted = {item.version: item for item in await promotions.wanted()}
    present = {(card.version, card.sha256) for card in cards}
    decided = {item.version for item in wanted.values() if present & _expected(item)}
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
    configure("trainer", settings.log_level)
    database = Database.from_settings(settings, pool_size=1)
    try:
        await register_all(database, settings.checkpoints_dir, settings.datasets_dir)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
