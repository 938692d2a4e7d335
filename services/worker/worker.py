"""Composition root and lifecycle of a worker process: start, notifications, drain.

Everything except the engine runs on one event loop in its own thread, so its state needs no locks.
Does not import Celery.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress

import torch

from services.worker.active_shards import ActiveShards
from services.worker.heartbeat import CANCEL_POLL_SECONDS, EngineThreadDied, Heartbeat
from services.worker.model_registry import ModelRegistry, ModelReloader
from services.worker.note_streamer import NOTE_STREAM_INTERVAL_SECONDS, NoteStreamer
from services.worker.run_metrics import measure_memory
from services.worker.settings import WorkerSettings
from services.worker.shard_claimer import ShardClaimer
from services.worker.shard_committer import ShardCommitter
from services.worker.shard_run import ShardRun
from shared.background import run_periodically
from shared.broker.celery_client import TaskSender
from shared.broker.notifier import QueueNotifier
from shared.broker.queues import Queue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard
from shared.errors import Unavailable
from shared.metric_reporter import MetricReporter
from shared.outbox_publisher import OutboxPublisher
from shared.service_thread import ServiceThread
from shared.tracing import JobTracer
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)

MAX_BACKOFF_SECONDS = 60
FINAL_PUBLISH_TIMEOUT = 1.0
"""Seconds to publish the events of the drain; the dispatcher's relay publishes the rest."""


class Worker:
    """One worker process, except for its Celery consumer."""

    def __init__(
        self, settings: WorkerSettings, registry: ModelRegistry, identity: WorkerIdentity
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._thread = ServiceThread()
        self._consecutive_failures = 0
        """Number of shards in a row that failed on this worker."""
        self._database = Database.from_settings(settings)
        self._streams = EventStreams(settings.streams_url)
        self._sender = TaskSender(settings.redis_url)
        self._publisher = OutboxPublisher(
            self._database, self._streams, QueueNotifier(self._sender)
        )
        self._active = ActiveShards(reserved_interactive_seqs=settings.reserved_interactive_seqs)
        self._reloader = ModelReloader(self._database, registry)
        self._tracer = JobTracer.if_enabled("worker", enabled=settings.tracing)
        self._committer = ShardCommitter(
            self._database, self._active, self._publisher, self._tracer
        )
        self._metrics = MetricReporter(
            self._database, "worker", lambda: measure_memory(torch.device(settings.device))
        )
        self._streamer = NoteStreamer(self._active, self._streams)
        self._heartbeat = Heartbeat(
            self._database, self._active, registry, self._reloader, identity
        )
        self._claimer = ShardClaimer(
            self._database,
            self._active,
            identity,
            versions=registry.versions,
            capacity={
                Queue.INTERACTIVE: settings.max_interactive_melodies,
                Queue.BATCH: settings.max_batch_melodies,
            },
            start_shards=self._start_shards,
        )

    def start(self) -> None:
        """Start the event loop, the engine and the background loops, which claim queued shards."""
        self._thread.start()
        self._thread.run(self._start_loops())

    def on_notification(self) -> None:
        """Let the claimer look for queued shards; returns at once."""
        self._thread.call_soon(self._claimer.wake)

    def drain(self) -> None:
        """Stop claiming, finish what the drain timeout allows, release the rest, and stop."""
        self._thread.run(self._drain())
        self._thread.stop()
        self._sender.close()
        if self._tracer is not None:
            self._tracer.flush()

    async def _start_loops(self) -> None:
        self._active.start_engine()
        heartbeat_interval = self._settings.heartbeat_interval_seconds
        for interval, name, function in (
            (heartbeat_interval, "Heartbeat", self._renew),
            (heartbeat_interval, "Model reload", self._reload_models),
            (0.0, "Claiming of queued shards", self._claimer.wait_and_claim),
            (heartbeat_interval, "Claiming of isolated shards", self._claimer.claim_isolated),
            (CANCEL_POLL_SECONDS, "Cancellation polling", self._heartbeat.poll_cancellations),
            (NOTE_STREAM_INTERVAL_SECONDS, "Note streaming", self._streamer.publish_new_notes),
            (0.0, "Commit of finished shards", self._commit_next),
        ):
            self._thread.create_task(run_periodically(interval, name, function))
        self._thread.create_task(self._metrics.run())

    async def _start_shards(self, shards: Sequence[ClaimedShard]) -> None:
        """Start claimed shards."""
        self._publisher.schedule(*{shard.job_id for shard in shards})
        # In a thread, because encoding a long primer would delay the heartbeat.
        runs = await asyncio.to_thread(
            lambda: [ShardRun(shard, self._registry[shard.model]) for shard in shards]
        )
        for run in runs:
            self._active.start(run)

    async def _renew(self) -> None:
        """Renew the leases; if the engine's thread died, the process exits and they expire."""
        try:
            await self._heartbeat.renew()
        except EngineThreadDied as error:
            log.critical("%s", error)
            os._exit(1)

    async def _reload_models(self) -> None:
        """Load promoted models, record them in the worker's row, and claim shards for them."""
        if await self._reloader.reload():
            await self._heartbeat.renew()
            self._claimer.wake()

    async def _commit_next(self) -> None:
        """Commit finished melodies and let others be claimed; back off after failures."""
        for run in await self._committer.commit_next():
            self._consecutive_failures = self._consecutive_failures + 1 if run.error else 0
            if self._consecutive_failures:
                self._claimer.back_off(min(2**self._consecutive_failures, MAX_BACKOFF_SECONDS))
        self._claimer.wake()

    async def _drain(self) -> None:
        await self._claimer.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._active.idle.wait(), self._settings.drain_timeout_seconds)
        try:
            for run in list(self._active.in_flight.values()):
                await self._committer.release(run)
        except Unavailable as error:
            log.warning("Unreleased shards are requeued when their leases expire: %s", error.detail)
        await self._publisher.drain(FINAL_PUBLISH_TIMEOUT)
        await self._thread.cancel_tasks()
        await self._metrics.deregister()
        try:  # after the heartbeat, which would register the worker again
            await self._heartbeat.deregister()
        except Unavailable as error:
            log.warning("The row of this worker becomes stale: %s", error.detail)
        self._active.stop_engine()
        await self._streams.close()
        await self._database.close()
