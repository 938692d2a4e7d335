"""Composition root and lifecycle of a trainer: start, notifications, drain.

Everything runs on one event loop in its own thread. This thread starts the child processes and
outlives them. Does not import Celery.
"""

import asyncio
import logging
from functools import partial

from ostinato.schemas.jobs import JobKind
from services.trainer.cleanup import CLEANUP_INTERVAL_SECONDS, WorkdirCleaner
from services.trainer.heartbeat import CANCEL_POLL_SECONDS, Heartbeat
from services.trainer.ipc.workdir import migrate_jobs_dir
from services.trainer.jobs.child_limits import limits_of
from services.trainer.jobs.dataset_import import DatasetImportHandler
from services.trainer.jobs.engraving import EngravingHandler
from services.trainer.jobs.evaluation import EvaluationHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.jobs.training import TrainingHandler
from services.trainer.publishing.registration import ModelRegistrar
from services.trainer.settings import StoragePaths, TrainerSettings
from services.trainer.storage_sweep import SWEEP_INTERVAL_SECONDS, StorageSweep
from shared.background import run_periodically
from shared.broker.celery_client import TaskSender
from shared.broker.notifier import QueueNotifier
from shared.broker.queues import TrainerQueue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.errors import Unavailable
from shared.metric_reporter import MetricReporter
from shared.outbox_publisher import OutboxPublisher
from shared.service_thread import ServiceThread
from shared.tracing import JobTracer
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)

REGISTRATION_INTERVAL_SECONDS = 5.0
FINAL_PUBLISH_TIMEOUT = 1.0
"""Seconds to publish the events of the drain; the dispatcher's relay publishes the rest."""


class TrainerService:
    """One trainer process, except for its Celery consumer."""

    def __init__(self, settings: TrainerSettings, identity: WorkerIdentity) -> None:
        self._settings = settings
        self._thread = ServiceThread()
        self._database = Database.from_settings(settings, pool_size=5)
        self._streams = EventStreams(settings.streams_url)
        self._sender = TaskSender(settings.redis_url)
        self._publisher = OutboxPublisher(
            self._database, self._streams, QueueNotifier(self._sender)
        )
        self._registrar = ModelRegistrar(
            self._database, settings.checkpoints_dir, settings.datasets_dir
        )
        self._cleaner = WorkdirCleaner(
            self._database,
            cache_dir=settings.cache_dir,
            checkpoints_dir=settings.checkpoints_dir,
        )
        self._sweep = StorageSweep(
            self._database, storage_url=settings.storage_url, cache_dir=settings.cache_dir
        )
        self._tracer = JobTracer.if_enabled("trainer", enabled=settings.tracing)
        self._metrics = MetricReporter(self._database, "trainer")
        self._runners = self._build_runners(identity)
        self._heartbeat = Heartbeat(
            self._database,
            list(self._runners.values()),
            identity,
            pause_grace_seconds=settings.drain_timeout_seconds,
        )

    def _build_runners(self, identity: WorkerIdentity) -> dict[TrainerQueue, JobRunner]:
        paths = StoragePaths.from_settings(self._settings)
        limits = partial(limits_of, settings=self._settings)
        common = (self._database, self._streams)
        handlers = (
            TrainingHandler(*common, self._publisher, paths, limits(JobKind.TRAINING)),
            DatasetImportHandler(*common, paths, limits(JobKind.DATASET_IMPORT)),
            EvaluationHandler(*common, paths, limits(JobKind.EVALUATION)),
            EngravingHandler(*common, paths, limits(JobKind.ENGRAVING)),
        )
        return {
            handler.queue: JobRunner(
                handler, self._database, self._publisher, identity, self._tracer
            )
            for handler in handlers
        }

    def start(self) -> None:
        """Start the event loop, the heartbeat, and the runners, which claim queued jobs."""
        migrate_jobs_dir(self._settings.cache_dir)
        self._thread.start()
        self._thread.run(self._start_loops())

    def on_notification(self, queue: TrainerQueue) -> None:
        """Try to claim a job; if PostgreSQL does not answer, it stays queued."""
        try:
            self._thread.run(self._runners[queue].claim_next())
        except Unavailable as error:
            log.warning("The jobs of queue %s stay queued: %s", queue, error.detail)

    def drain(self) -> None:
        """Claim no more jobs, let the children write checkpoints, release all jobs, and stop."""
        self._thread.run(self._drain())
        self._thread.stop()
        self._sender.close()
        if self._tracer is not None:
            self._tracer.flush()

    async def _start_loops(self) -> None:
        heartbeat_interval = self._settings.heartbeat_interval_seconds
        for seconds, name, step in (
            (REGISTRATION_INTERVAL_SECONDS, "Model registration", self._registrar.sync),
            (heartbeat_interval, "Heartbeat", self._renew),
            (CANCEL_POLL_SECONDS, "Cancellation polling", self._heartbeat.poll_cancellations),
            (CLEANUP_INTERVAL_SECONDS, "Workdir cleanup", self._cleaner.clean),
            (SWEEP_INTERVAL_SECONDS, "Sweep of the storage", self._sweep.sweep),
            (heartbeat_interval, "The search for queued jobs", self._claim_queued),
        ):
            self._thread.create_task(run_periodically(seconds, name, step))
        self._thread.create_task(self._metrics.run())

    async def _claim_queued(self) -> None:
        """Claim the next job of every queue whose runner is idle."""
        idle = [queue for queue, runner in self._runners.items() if runner.job is None]
        async with self._database.connection() as connection:
            queued = await TrainerJobs(connection).queued(idle)
        # An error of one queue does not keep the jobs of the others waiting
        await asyncio.gather(
            *(self._runners[queue].claim_next() for queue in idle if queue in queued)
        )

    async def _renew(self) -> None:
        """Renew the leases, and the row once the checkpoint folders have been registered."""
        await self._heartbeat.renew()
        if self._registrar.has_registered:
            await self._heartbeat.record()

    async def _drain(self) -> None:
        timeout = self._settings.drain_timeout_seconds
        await asyncio.gather(*(runner.drain(timeout) for runner in self._runners.values()))
        await self._publisher.drain(FINAL_PUBLISH_TIMEOUT)
        await self._thread.cancel_tasks()
        try:  # after the heartbeat, which would record the trainer again
            await self._heartbeat.deregister()
        except Unavailable as error:
            log.warning("The row of this trainer becomes stale: %s", error.detail)
        await self._metrics.deregister()
        await self._streams.close()
        await self._database.close()
