"""The one place that wires a trainer service together, and its life: start, offers, drain.

Everything happens on one event loop in a thread of its own, which outlives the children that it has
started. Refuses to know Celery.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from services.trainer.cleanup import INTERVAL_SECONDS, Janitor
from services.trainer.heartbeat import WATCH_SECONDS, Heartbeat
from services.trainer.identity import Identity
from services.trainer.ipc.messages import Places
from services.trainer.jobs.dataset_import import ReadingTrade
from services.trainer.jobs.engraving import EngravingTrade
from services.trainer.jobs.evaluation import EvaluationTrade
from services.trainer.jobs.runner import Bench
from services.trainer.jobs.training import TrainingTrade
from services.trainer.publishing.registration import Registrar
from services.trainer.settings import TrainerSettings
from shared.background import every
from shared.broker.celery_client import Hints
from shared.broker.queues import TrainerQueue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.errors import Unavailable
from shared.messages import Hint
from shared.outbox_publisher import Publisher

log = logging.getLogger(__name__)

T = TypeVar("T")

REGISTER_SECONDS = 5.0
LAST_WORDS_SECONDS = 1.0
"""For what the drain has to say; after that the dispatcher says it."""


class Workshop:
    """One trainer process, apart from its Celery consumer."""

    def __init__(self, settings: TrainerSettings, identity: Identity) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="office", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._database = Database(settings.database_url, pool_size=5)
        self._streams = EventStreams(settings.redis_url)
        self._hints = Hints(settings.redis_url)
        self._publisher = Publisher(self._database, self._streams, self._hints)
        self._registrar = Registrar(self._database, settings.checkpoints)
        self._janitor = Janitor(
            self._database, home=settings.home, checkpoints=settings.checkpoints
        )
        self._benches = self._furnish(identity)
        self._heartbeat = Heartbeat(self._database, list(self._benches.values()), identity)

    def _furnish(self, identity: Identity) -> dict[TrainerQueue, Bench]:
        settings = self._settings
        places = Places(
            home=settings.home.absolute(),
            data=settings.data and settings.data.absolute(),
            checkpoints=settings.checkpoints.absolute(),
            storage_url=settings.storage_url,
        )
        trades = (
            TrainingTrade(self._database, self._streams, self._publisher, places),
            ReadingTrade(self._database, places),
            EvaluationTrade(self._database, places),
            EngravingTrade(self._database, places),
        )
        return {
            trade.queue: Bench(trade, self._database, self._publisher, identity) for trade in trades
        }

    def start(self) -> None:
        """Begin to live: register, and work on whatever already waits."""
        self._thread.start()
        self._call(self._open())

    def offer(self, queue: TrainerQueue, hint: Hint) -> None:
        """A hint came; without PostgreSQL it is dropped, since the errand waits there anyway."""
        try:
            self._call(self._benches[queue].offer(hint))
        except Unavailable as error:
            log.warning("Shard %s waits: %s", hint.shard_id, error.detail)

    def drain(self) -> None:
        """Claim nothing more, let the children write checkpoints, give everything back, and end."""
        self._call(self._drain())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._hints.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the event loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        beat = self._settings.heartbeat_seconds
        for seconds, what, step in (
            (REGISTER_SECONDS, "Registration", self._registrar.step),
            (beat, "The heartbeat", self._heartbeat.beat),
            (WATCH_SECONDS, "The watch for what is unwanted", self._heartbeat.watch),
            (INTERVAL_SECONDS, "The janitor", self._janitor.step),
            *(
                (beat, f"The bench of {queue}", bench.fill)
                for queue, bench in self._benches.items()
            ),
        ):
            self._start(every(seconds, what, step))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self) -> None:
        patience = self._settings.drain_seconds
        await asyncio.gather(*(bench.close(patience) for bench in self._benches.values()))
        await self._publisher.finish(LAST_WORDS_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._streams.close()
        await self._database.close()
