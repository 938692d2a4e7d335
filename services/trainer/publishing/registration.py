"""Checkpoint folders become model versions that can be asked for.

A folder whose weights are not those that its card names is refused, in the log, and the others are
published all the same. Refuses to know how a model was trained and how it runs.
"""

import asyncio
import logging
from pathlib import Path

from ostinato.schemas.models import ModelCard
from services.trainer.settings import TrainerSettings
from shared.db.database import Database
from shared.db.models import Models
from shared.logs import configure
from shared.models.checkpoints import CARD, WEIGHTS, InvalidCheckpoint, read_card

log = logging.getLogger(__name__)


async def register_all(database: Database, checkpoints: Path) -> list[ModelCard]:
    """Make every sound folder under `checkpoints` known; what is sound.

    Weights that an operator has laid there are promoted at once if the version has none that lie
    there. What a training job has made waits until somebody who has judged it promotes it.
    """
    cards = await asyncio.to_thread(_sound_cards, checkpoints)
    there = {card.sha256 for card in cards}
    async with database.transaction() as connection:
        models = Models(connection)
        for card in cards:
            await models.register(card)
            log.info("registered %s (%s)", card.version, card.sha256[:12])
        promoted = await models.promoted()
        for card in cards:
            if "job" not in card.training and promoted.get(card.version) not in there:
                promoted[card.version] = card.sha256
                await models.promote(card.version, card.sha256)
                log.info("promoted %s (%s)", card.version, card.sha256[:12])
    return cards


class Registrar:
    """Keeps the table in step with the folders."""

    def __init__(self, database: Database, checkpoints: Path) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._published: dict[Path, int] = {}

    async def step(self) -> None:
        """Publish everything if a folder has changed since the last time that this went well."""
        found = _last_writes(self._checkpoints)
        if found != self._published:
            await register_all(self._database, self._checkpoints)
            self._published = found


def _sound_cards(checkpoints: Path) -> list[ModelCard]:
    return [card for folder in _folders(checkpoints) if (card := _verified(folder)) is not None]


def _folders(checkpoints: Path) -> list[Path]:
    return sorted(card.parent for card in checkpoints.glob(f"*/{CARD}"))


def _verified(folder: Path) -> ModelCard | None:
    try:
        return read_card(folder)
    except InvalidCheckpoint as refusal:
        log.warning("not registered: %s", refusal.detail)
        return None


def _last_writes(checkpoints: Path) -> dict[Path, int]:
    """When each card and its weights were last written, in nanoseconds."""
    files = [path for name in (CARD, WEIGHTS) for path in checkpoints.glob(f"*/{name}")]
    return {path: path.stat().st_mtime_ns for path in files}


async def main() -> None:
    """Publish once."""
    settings = TrainerSettings()
    configure("trainer", settings.log_level)
    database = Database(settings.database_url, pool_size=1)
    try:
        await register_all(database, settings.checkpoints)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
