"""A job runner on the real PostgreSQL, with scripted children."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from ostinato.schemas.datasets import Dataset, DatasetImportRequest
from ostinato.schemas.jobs import JobState
from services.trainer.heartbeat import Heartbeat
from services.trainer.jobs.child_limits import ChildLimits
from services.trainer.jobs.dataset_import import DatasetImportHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.settings import StoragePaths
from shared.broker.streams import EventStreams
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.trainer.datasets import Datasets
from shared.ids import new_id
from shared.outbox_publisher import OutboxPublisher
from shared.worker_identity import WorkerIdentity
from tests.support.processes import child_pids
from tests.support.trainings import TrainingFixture


class RunnerFixture:
    """A job runner with scripted children; the name of a data set is the behavior of its child."""

    def __init__(
        self,
        jobs: TrainingFixture,
        streams: EventStreams,
        publisher: OutboxPublisher,
        folder: Path,
        *,
        limits: ChildLimits = ChildLimits(),  # noqa: B008 - it is immutable
    ) -> None:
        self.jobs = jobs
        self.paths = StoragePaths(
            cache_dir=folder / "cache",
            datasets_dir=None,
            checkpoints_dir=folder / "checkpoints",
            storage_url=str(folder / "blobs"),
        )
        self._identity = identity = WorkerIdentity(
            id=jobs.worker.id, name="test", lease_duration=timedelta(seconds=60)
        )
        handler = DatasetImportHandler(jobs.database, streams, self.paths, limits)
        handler.queue = jobs.queue  # type: ignore[assignment]  # no other test uses it
        handler.module = "tests.support.scripted_child"
        self.runner = JobRunner(handler, jobs.database, publisher, identity)
        self.heartbeat = self.make_heartbeat(pause_grace_seconds=60.0)

    def make_heartbeat(self, *, pause_grace_seconds: float) -> Heartbeat:
        return Heartbeat(
            self.jobs.database,
            [self.runner],
            self._identity,
            pause_grace_seconds=pause_grace_seconds,
        )

    async def add_job(self, behavior: str) -> UUID:
        dataset = Dataset(
            id=new_id(),
            name=behavior,
            sha256="0",
            num_bytes=1,
            num_files=1,
            created_at=datetime.now(UTC),
        )
        request = DatasetImportRequest(name=behavior, sha256="0")
        async with self.jobs.database.transaction() as connection:
            await Datasets(connection).add(self.jobs.owner, dataset)
            job = NewJob(
                owner=self.jobs.owner,
                request=request,
                original_request=request,
                queue=self.jobs.queue,
                job_id=dataset.id,
            )
            await JobStore(connection).insert(job)
        return dataset.id

    async def get(self, dataset_id: UUID) -> Dataset:
        async with self.jobs.database.transaction() as connection:
            return await Datasets(connection).get(dataset_id, self.jobs.owner)

    async def run(self, behavior: str) -> Dataset:
        """Run a job to its end."""
        dataset_id = await self.add_job(behavior)
        await self.runner.claim_next()
        await until(lambda: self.is_processed(dataset_id))
        return await self.get(dataset_id)

    async def is_processed(self, dataset_id: UUID) -> bool:
        return (await self.get(dataset_id)).is_terminal

    async def state(self, job_id: UUID) -> JobState:
        async with self.jobs.database.transaction() as connection:
            return (await JobStore(connection).status(job_id, self.jobs.owner)).state

    async def attempts(self, job_id: UUID) -> int:
        """How often the job was claimed."""
        async with self.jobs.database.transaction() as connection:
            query = text("SELECT attempt FROM shards WHERE job_id = :job")
            return int((await connection.execute(query, {"job": job_id})).scalar_one())

    async def cancel(self, job_id: UUID) -> None:
        """Cancel a job, as the gateway does, and let the trainer see it."""
        async with self.jobs.database.transaction() as connection:
            await JobStore(connection).cancel(job_id)
        await self.heartbeat.poll_cancellations()

    async def pause(self, job_id: UUID) -> None:
        """Pause a job, and let the trainer see it."""
        async with self.jobs.database.transaction() as connection:
            await JobStore(connection).lock(job_id)
            await JobStore(connection).transition(job_id, JobState.PAUSED)
        await self.heartbeat.poll_cancellations()

    async def child_of(self, job_id: UUID) -> int:
        """Wait until the job's child runs its program; returns its process id."""
        while True:
            if pids := child_pids(job_id, "tests.support.scripted_child"):
                return pids[0]
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await condition():
            return
        await asyncio.sleep(0.02)


async def immediate(value: bool) -> bool:  # noqa: FBT001 - an awaitable of a value
    return value
