"""Workers in this process, on the real servers, and jobs for them."""

import asyncio
import threading
from uuid import uuid4

from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from services.trainer.publishing.registration import register_all
from services.worker.isolation.process_end import ProcessEnd
from services.worker.model_registry import ModelRegistry
from services.worker.settings import WorkerSettings
from services.worker.worker import Worker
from shared.broker.queues import Queue
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.new_job import NewJob
from shared.db.workers import Workers
from shared.worker_identity import WorkerIdentity
from tests.support.jobs import JobFixture


class WorkerFixture(JobFixture):
    """Starts workers, and queues interactive jobs for them."""

    def __init__(self, database: Database, backends: Stack, registry: ModelRegistry) -> None:
        super().__init__(database, Queue.INTERACTIVE)
        self.backends = backends
        self.registry = registry
        self.is_ended = threading.Event()
        """Set when a worker ends its process."""
        self.process_end = ProcessEnd(self.is_ended.set)

    def start(self, **overrides: object) -> Worker:
        """A running worker with these settings."""
        fields = {
            "environment": "development",
            "database_url": self.backends.database_url,
            "redis_url": self.backends.redis_url,
            "max_num_seqs": 8,
            "reserved_interactive_seqs": 2,
            "lease_seconds": 2,
            "heartbeat_interval_seconds": 0.2,
        }
        settings = WorkerSettings.model_validate({**fields, **overrides})
        identity = WorkerIdentity(
            id=uuid4(), name="test@here", lease_duration=settings.lease_duration
        )
        worker = Worker(settings, self.registry, identity, process_end=self.process_end)
        worker.start()
        return worker

    async def submit(self, request: GenerationRequest) -> GenerationJob:
        new_job = NewJob(
            owner=self.owner, request=request, original_request=request, queue=self.queue
        )
        async with self.database.transaction() as connection:
            return await GenerationJobs(connection).create(new_job)

    async def wait_for(self, job: GenerationJob, *states: JobState) -> GenerationJob:
        async with asyncio.timeout(60):
            while True:
                current = await self.get(job.id)
                if current.state in states:
                    return current
                await asyncio.sleep(0.05)

    async def reassign(self, job: GenerationJob) -> None:
        """Assign the job's shards to another worker, as if their leases had expired."""
        statement = (
            "UPDATE shards SET worker_id = :other, attempt = attempt + 1 WHERE job_id = :job"
        )
        async with self.database.transaction() as connection:
            await connection.execute(text(statement), {"other": uuid4(), "job": job.id})

    async def live_names(self) -> list[str]:
        async with self.database.transaction() as connection:
            return [row.name for row in await Workers(connection).live()]

    async def drain(self, worker: Worker) -> None:
        await asyncio.to_thread(worker.drain)


async def register_versions(stack: Stack) -> None:
    """Register and promote the versions of the stack's checkpoints folder."""
    database = Database(stack.database_url, pool_size=1)
    await register_all(database, stack.checkpoints_dir, None)
    await database.close()
