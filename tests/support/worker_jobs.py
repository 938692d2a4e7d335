"""Workers in this process, on the real servers, and jobs for them."""

import asyncio
import threading
from collections.abc import Callable
from uuid import UUID, uuid4

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
from shared.db.workers import WorkerRow, Workers
from shared.worker_identity import WorkerIdentity
from tests.support.jobs import JobFixture


class WorkerFixture(JobFixture):
    """Starts workers, and queues interactive jobs for them."""

    def __init__(self, database: Database, backends: Stack, registry: ModelRegistry) -> None:
        super().__init__(database, Queue.INTERACTIVE)
        self.backends = backends
        self.registry = registry
        self._ended = threading.Semaphore(0)
        self._running: list[Worker] = []

    def start(self, *, handed_over: UUID | None = None, **overrides: object) -> Worker:
        """A running worker with these settings; it runs the shard that was handed over first."""
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
        process_end = ProcessEnd(self._ended.release, handed_over=handed_over)
        worker = Worker(settings, self.registry, identity, process_end=process_end)
        worker.start()
        self._running.append(worker)
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

    async def wait_until_ended(self) -> None:
        """Wait until one more worker has ended its process."""
        assert await asyncio.to_thread(self._ended.acquire, timeout=30)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - of another event loop
                await asyncio.sleep(0.02)

    async def wait_for_row(self, condition: Callable[[WorkerRow], bool]) -> WorkerRow:
        """Wait until the row of a live worker satisfies a condition, and return it."""
        async with asyncio.timeout(30):
            while True:
                async with self.database.connection() as connection:
                    rows = await Workers(connection).live()
                if found := [row for row in rows if condition(row)]:
                    return found[0]
                await asyncio.sleep(0.02)

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

    async def drain_all(self) -> None:
        """Drain the workers that a failed test has left."""
        for worker in list(self._running):
            await self.drain(worker)

    async def drain(self, worker: Worker) -> None:
        self._running.remove(worker)
        await asyncio.to_thread(worker.drain)


async def register_versions(stack: Stack) -> None:
    """Register and promote the versions of the stack's checkpoints folder."""
    database = Database(stack.database_url, pool_size=1)
    await register_all(database, stack.checkpoints_dir, None)
    await database.close()
