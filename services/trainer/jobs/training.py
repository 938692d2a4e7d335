"""Handler of training jobs: stores the metrics, publishes the checkpoint."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from ostinato.schemas.jobs import JobState, ShardState
from ostinato.schemas.trainings import NAMED_DATASETS, TrainingMetrics, TrainingRequest
from services.trainer.ipc.messages import (
    ChildMessage,
    Exported,
    MetricsReport,
    Result,
    StepReport,
    TrainingSpec,
)
from services.trainer.jobs.child_limits import ChildLimits
from services.trainer.jobs.handler import JobHandler
from services.trainer.publishing.checkpoint_folder import activate, stage_copy
from services.trainer.settings import StoragePaths
from shared.background import retry_until_available
from shared.broker.queues import TrainerQueue
from shared.broker.stream_entries import step_event
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from shared.db.model_versions import ModelVersions
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs
from shared.db.trainer.trainings import Trainings
from shared.errors import Unavailable
from shared.outbox_publisher import OutboxPublisher

log = logging.getLogger(__name__)

MARGIN_SECONDS, WALL_PER_MINUTE = 3600.0, 5 * 60.0
"""Time of an attempt with a budget in minutes, which counts the training steps only: what data
preparation and the export may take, and seconds for each minute, validations included."""


class TrainingHandler(JobHandler):
    """Trains a version in a child process, and publishes it."""

    queue = TrainerQueue.TRAIN
    module = "services.trainer.programs.train_model"
    noun = "training"
    limit_advice = "use a smaller recipe or a lower batch_size, or fewer steps or minutes"

    def __init__(
        self,
        database: Database,
        streams: EventStreams,
        publisher: OutboxPublisher,
        paths: StoragePaths,
        limits: ChildLimits = ChildLimits(),  # noqa: B008 - it is immutable
    ) -> None:
        super().__init__(database, streams, paths, limits)
        self._publisher = publisher

    def limits(self, job: TrainerJob) -> ChildLimits:
        """The limits of the settings; without one on the time, that of a budget in minutes."""
        if self._limits.wall_seconds is not None:
            return self._limits
        request = TrainingRequest.model_validate(job.request)
        return replace(self._limits, wall_seconds=max_seconds(request))

    async def prepare(self, job: TrainerJob, lease_deadline: float) -> TrainingSpec:
        """A spec with the request, and with the name of the data set if it was uploaded."""
        request = TrainingRequest.model_validate(job.request)
        return TrainingSpec(
            job_id=job.job_id,
            attempt=job.attempt,
            lease_deadline=lease_deadline,
            paths=self._paths,
            request=request,
            dataset=await self._uploaded_name(request.dataset, job.owner),
        )

    async def _uploaded_name(self, dataset: str | None, owner: str) -> str | None:
        if dataset is None or dataset in NAMED_DATASETS:
            return None
        async with self._database.transaction() as connection:
            return (await Datasets(connection).get(UUID(dataset), owner)).name

    async def on_progress(self, job: TrainerJob, message: ChildMessage) -> None:
        """Store metrics in PostgreSQL; publish steps to Redis, or drop them if Redis is down."""
        if isinstance(message, StepReport):
            with suppress(Unavailable):
                await self._streams.append([step_event(job.job_id, message.step)])
        elif isinstance(message, MetricsReport):
            await retry_until_available(
                f"Training {job.job_id}", lambda: self._add_metrics(job, message.metrics)
            )
            self._publisher.schedule(job.job_id)

    async def _add_metrics(self, job: TrainerJob, metrics: list[TrainingMetrics]) -> None:
        async with self._database.transaction() as connection:
            await Trainings(connection).add_metrics(job, metrics)

    async def complete(self, job: TrainerJob, result: Result) -> None:
        """Publish the checkpoint folder and finish the job atomically.

        Raises:
            NotPublished: another checkpoint folder has this name.
            OSError: the folder cannot be copied at the moment.
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(result, Exported)  # noqa: S101 - the only result of train_model
        checkpoints_dir, name = self._paths.checkpoints_dir, f"{job.job_id}-{job.attempt}"
        staged = await asyncio.to_thread(stage_copy, result.folder, checkpoints_dir, name)
        async with self._database.transaction() as connection:
            if await JobStore(connection).lock(job.job_id) is JobState.CANCELLING:
                await TrainerJobs(connection).release(job)
            elif await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED):
                await JobStore(connection).add_results(job.job_id, succeeded=1)
                await ModelVersions(connection).register(result.card)
                activate(staged, checkpoints_dir / result.card.version, job.job_id)
                log.info("Training %s published version %s.", job.job_id, result.card.version)


def max_seconds(request: TrainingRequest) -> float | None:
    """How long an attempt may take; None if its budget is in steps."""
    minutes = request.overrides.minutes
    return None if minutes is None else MARGIN_SECONDS + WALL_PER_MINUTE * minutes
