"""The trainer service: keeps the table of model versions in step with the checkpoint folders."""

import asyncio
import signal

from services.trainer.register import watch
from services.trainer.settings import TrainerSettings
from shared.db.session import Database
from shared.logs import configure


async def main() -> None:
    """Serve until TERM or INT."""
    settings = TrainerSettings()
    configure("trainer", settings.log_level)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    database = Database(settings.database_url, pool_size=1)
    try:
        await watch(database, settings.checkpoints, stopped)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
