"""The one place that wires a worker together, and its life: start, offers, drain.

Everything but the engine's own thread happens on one event loop in a thread of its own, so no state
here needs a lock. Refuses to know Celery.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from services.worker.active_shards import Stage
from services.worker.curator import Curator
from services.worker.heartbeat import WATCH_SECONDS, EngineDied, Heartbeat
from services.worker.model_registry import Repertoire
from services.worker.note_streamer import INTERVAL_SECONDS, Streamer
from services.worker.settings import WorkerSettings
from services.worker.shard_claimer import Intake
from services.worker.shard_committer import Finisher
from services.worker.shard_run import Performance
from shared.background import every
from shared.broker.celery_client import Hints
from shared.broker.queues import Queue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.generation_shards import Claim
from shared.errors import Unavailable
from shared.messages import Hint
from shared.outbox_publisher import Publisher
from shared.worker_identity import Identity

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_REST_SECONDS = 60
LAST_WORDS_SECONDS = 1.0
"""For what the drain has to say; after that the dispatcher says it."""


class Worker:
    """One worker process, apart from its Celery consumer."""

    def __init__(
        self,
        settings: WorkerSettings,
        repertoire: Repertoire,
        *,
        worker_id: UUID,
        name: str,
    ) -> None:
        identity = Identity(id=worker_id, name=name, lease=settings.lease)
        self._settings = settings
        self._repertoire = repertoire
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="office", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        """Shards in a row that went wrong in our hands."""
        self._database = Database(settings.database_url)
        self._streams = EventStreams(settings.redis_url)
        self._hints = Hints(settings.redis_url)
        self._stage = Stage(reserved_slots=settings.reserved_slots)
        self._curator = Curator(self._database, repertoire)
        self._publisher = Publisher(self._database, self._streams, self._hints)
        self._finisher = Finisher(self._database, self._stage, self._publisher)
        self._streamer = Streamer(self._stage, self._streams)
        self._heartbeat = Heartbeat(self._database, self._stage, self._curator, identity)
        self._intake = Intake(
            self._database,
            self._stage,
            identity,
            models=repertoire.names,
            room={
                Queue.INTERACTIVE: settings.interactive_melodies,
                Queue.BATCH: settings.batch_melodies,
            },
            begin=self._begin,
        )

    def start(self) -> None:
        """Begin to live: engine, heartbeat, and whatever already waits."""
        self._thread.start()
        self._call(self._open())

    def offer(self, queue: Queue, hint: Hint) -> None:
        """A hint came; without PostgreSQL it is dropped, since the shard waits there anyway."""
        try:
            self._call(self._intake.offer(queue, hint))
        except Unavailable as error:
            log.warning("Shard %s waits: %s", hint.shard_id, error.detail)

    def drain(self) -> None:
        """Claim nothing more, finish what can be in time, give the rest back, and end."""
        self._call(self._drain())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._hints.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the event loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        self._stage.open()
        beat = self._settings.heartbeat_seconds
        for seconds, what, step in (
            (beat, "The heartbeat", self._beat),
            (beat, "The curator", self._curate),
            (beat, "The intake", self._intake.fill),
            (WATCH_SECONDS, "The watch for cancelled jobs", self._heartbeat.watch),
            (INTERVAL_SECONDS, "The streamer", self._streamer.step),
            (0.0, "The finisher", self._finish_next),
        ):
            self._start(every(seconds, what, step))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _begin(self, claim: Claim) -> None:
        """Play a claimed shard, or refuse it for good."""
        self._publisher.soon(claim.job_id)
        version = self._repertoire[claim.request.model]
        try:  # a long primer takes its time: the heartbeat must not wait for it
            performance = await asyncio.to_thread(Performance, claim, version)
        except ValueError as error:
            await self._finisher.refuse(claim, f"The primer does not fit: {error}")
        else:
            self._stage.begin(performance)

    async def _beat(self) -> None:
        """A process that can do nothing more ends at once: its leases do so soon after."""
        try:
            await self._heartbeat.beat()
        except EngineDied as error:
            log.critical("%s", error)
            os._exit(1)

    async def _curate(self) -> None:
        """Take on what was promoted; somebody may be waiting for it."""
        if await self._curator.step():
            await self._heartbeat.beat()
            await self._intake.fill()

    async def _finish_next(self) -> None:
        """A shard is over: there is room for another, unless everything goes wrong here."""
        performance = await self._finisher.finish_next()
        self._failures = self._failures + 1 if performance.error else 0
        if self._failures:
            self._intake.rest(min(2**self._failures, LONGEST_REST_SECONDS))
        await self._intake.fill()

    async def _drain(self) -> None:
        await self._intake.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stage.empty.wait(), self._settings.drain_seconds)
        try:
            for performance in list(self._stage.held.values()):
                await self._finisher.release(performance)
            await self._heartbeat.leave()
        except Unavailable as error:
            log.warning("What is held comes back when its lease ends: %s", error.detail)
        await self._publisher.finish(LAST_WORDS_SECONDS)
        await self._close()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stage.close()
        await self._streams.close()
        await self._database.close()
