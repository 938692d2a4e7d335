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
from services.worker.canary import CanaryFailed
from services.worker.heartbeat import CANCEL_POLL_SECONDS, EngineThreadDied, Heartbeat
from services.worker.isolation.isolated_shards import IsolatedShards
from services.worker.isolation.process_end import ProcessEnd
from services.worker.model_registry import ModelRegistry
from services.worker.model_reloader import ModelReloader
from services.worker.note_streamer import NOTE_STREAM_INTERVAL_SECONDS, NoteStreamer
from services.worker.run_metrics import measure_memory
from services.worker.settings import WorkerSettings
from services.worker.shard_claimer import ShardClaimer
from services.worker.shard_committer import DeviceFailed, ShardCommitter
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
REPORT_TIMEOUT = 5.0
"""Seconds to give the shards back when the engine's thread has died; then their leases expire."""
FINAL_PUBLISH_TIMEOUT = 1.0
"""Seconds to publish the events of the drain; the dispatcher's relay publishes the rest."""


class Worker:
    """One worker process, except for its Celery consumer."""

    def __init__(
        self,
        settings: WorkerSettings,
        registry: ModelRegistry,
        identity: WorkerIdentity,
        *,
        process_end: ProcessEnd,
    ) -> None:
        self._process_end = process_end
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
        self._reloader = ModelReloader(
            self._database,
            registry,
            default_model=settings.default_model,
            claiming=self._claimer.claiming,
            on_change=self._announce_models,
        )
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
        self._isolated = IsolatedShards(
            self._database,
            self._active,
            identity,
            registry=registry,
            start_shards=self._start_shards,
            process_end=process_end,
        )

    @property
    def failure(self) -> str | None:
        """Why this process cannot generate any more; None if it can."""
        return self._heartbeat.failure

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
            (heartbeat_interval, "Model reload", self._reloader.reload),
            (0.0, "Claiming of queued shards", self._claimer.wait_and_claim),
            (heartbeat_interval, "Claiming of isolated shards", self._claim_isolated),
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
            with suppress(Unavailable, TimeoutError):
                await asyncio.wait_for(
                    self._give_back(str(error), are_suspect=True), REPORT_TIMEOUT
                )
            os._exit(1)

    async def _announce_models(self) -> None:
        """Record in the worker's row which models are loaded, and claim shards for them."""
        await self._heartbeat.renew()
        self._claimer.wake()

    async def _commit_next(self) -> None:
        """Commit finished melodies and let others be claimed; back off after failures."""
        try:
            ended = await self._committer.commit_next()
        except DeviceFailed as error:
            await self._fail(str(error))
            return
        for run in ended:
            self._consecutive_failures = self._consecutive_failures + 1 if run.error else 0
            if self._consecutive_failures:
                self._claimer.back_off(min(2**self._consecutive_failures, MAX_BACKOFF_SECONDS))
        self._claimer.wake()

    async def _claim_isolated(self) -> None:
        try:
            await self._claimer.claim_otherwise(self._isolated.step)
        except CanaryFailed as error:
            await self._fail(f"a canary failed: {error}")

    async def _fail(self, cause: str) -> None:
        """Give all shards back, record the failure in the worker's row, and end the process."""
        if self.failure is not None:
            return
        log.critical("This process cannot generate any more: %s", cause)
        self._heartbeat.failure = cause
        await self._claimer.stop()
        while self._active.has_finished:
            with suppress(DeviceFailed):
                await self._committer.commit_next()
        try:
            await self._give_back(cause, are_suspect=False)
            await self._heartbeat.renew()
        except Unavailable as error:
            log.warning("Unreleased shards are requeued when their leases expire: %s", error.detail)
        self._process_end.end()

    async def _give_back(self, cause: str, *, are_suspect: bool) -> None:
        """Give all shards back; those that met the failure may have caused it.

        Raises:
            Unavailable: PostgreSQL does not answer; the leases expire.
        """
        for run in list(self._active.in_flight.values()):
            is_suspect = are_suspect or run.is_device_error
            await self._committer.give_back(run, cause, is_suspect=is_suspect)

    async def _drain(self) -> None:
        await self._claimer.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._active.idle.wait(), self._settings.drain_timeout_seconds)
        try:
            await self._isolated.cancel_reservation()
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
