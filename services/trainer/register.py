"""Checkpoint folders become model versions that can be asked for.

A folder whose weights are not those that its card names is refused, in the log, and the others are
published all the same. Refuses to know how a model was trained and how it runs.
"""

import asyncio
import logging
from pathlib import Path

from services.trainer.settings import TrainerSettings
from shared.db.models import Models
from shared.db.session import Database
from shared.errors import Unavailable
from shared.logs import configure
from shared.models.weights import CARD, WEIGHTS, InvalidCheckpoint, read_card
from shared.schemas.models import ModelCard

LOOK_SECONDS = 5.0

log = logging.getLogger(__name__)


async def register_all(database: Database, checkpoints: Path) -> list[ModelCard]:
    """Publish every sound folder under `checkpoints`; what was published."""
    cards = [card for folder in _folders(checkpoints) if (card := _verified(folder)) is not None]
    async with database.transaction() as connection:
        for card in cards:
            await Models(connection).register(card)
    for card in cards:
        log.info("registered %s (%s)", card.version, card.sha256[:12])
    return cards


async def watch(database: Database, checkpoints: Path, stopped: asyncio.Event) -> None:
    """Publish now, and again whenever a folder has changed, until `stopped`."""
    published: dict[Path, int] = {}
    while not stopped.is_set():
        found = _versions(checkpoints)
        if found != published:
            try:
                await register_all(database, checkpoints)
                published = found
            except Unavailable as outage:
                log.warning("nothing registered: %s", outage.detail)
        try:
            await asyncio.wait_for(stopped.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue


def _folders(checkpoints: Path) -> list[Path]:
    return sorted(card.parent for card in checkpoints.glob(f"*/{CARD}"))


def _verified(folder: Path) -> ModelCard | None:
    try:
        return read_card(folder)
    except InvalidCheckpoint as refusal:
        log.warning("not registered: %s", refusal.detail)
        return None


def _versions(checkpoints: Path) -> dict[Path, int]:
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
