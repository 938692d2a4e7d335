"""The trainer service: keeps the table of model versions in step with the checkpoint folders."""

import asyncio
import signal
from contextlib import suppress

from services.trainer.register import Registrar
from services.trainer.settings import TrainerSettings
from shared.db.session import Database
from shared.logs import configure
from shared.loop import every

LOOK_SECONDS = 5.0


async def serve(settings: TrainerSettings) -> None:
    """Register until TERM or INT."""
    database = Database(settings.database_url, pool_size=1)
    registrar = Registrar(database, settings.checkpoints)
    loop = asyncio.ensure_future(every(LOOK_SECONDS, "Registration", registrar.step))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, loop.cancel)
    with suppress(asyncio.CancelledError):
        await loop
    await database.close()


if __name__ == "__main__":
    settings = TrainerSettings()
    configure("trainer", settings.log_level)
    asyncio.run(serve(settings))
