"""Trainings in PostgreSQL, created and claimed without gateway and trainer."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from ostinato.schemas.jobs import ShardState
from ostinato.schemas.trainings import Training, TrainingMetrics, TrainingRequest
from shared.db.database import Database
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs
from shared.db.trainer.trainings import Trainings
from shared.worker_identity import WorkerIdentity
from tests.support.jobs import LEASE_DURATION, new_worker


def metrics_at(step: int, nats: float = 3.0) -> TrainingMetrics:
    return TrainingMetrics(
        step=step,
        tokens=step * 100,
        seconds=step / 2,
        train_nats_per_token=1.5,
        held_out_nats_per_note=nats,
    )


class TrainingFixture:
    """One owner with its own queue, and one trainer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.owner = uuid4().hex
        self.queue = f"test.{self.owner}"
        self.worker = new_worker()

    def new_job(
        self, version: str | None = None, key: str | None = None
    ) -> NewJob[TrainingRequest]:
        request = TrainingRequest(recipe="mini", version=version or f"v-{uuid4()}")
        return NewJob(
            owner=self.owner,
            request=request,
            original_request=request,
            queue=self.queue,
            idempotency_key=key,
        )

    async def create(self, version: str | None = None, key: str | None = None) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).create(self.new_job(version, key))

    async def get(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).get(training.id, self.owner)

    async def pause(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).pause(training.id, self.owner)

    async def resume(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).resume(training.id, self.owner)

    async def cancel(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).cancel(training.id, self.owner)

    async def claim(self, *, lease_duration: timedelta = LEASE_DURATION) -> TrainerJob:
        """Claim the next job, which must exist."""
        job = await self.try_claim(lease_duration=lease_duration)
        assert job is not None
        return job

    async def try_claim(self, *, lease_duration: timedelta = LEASE_DURATION) -> TrainerJob | None:
        return await claim_trainer_job(
            self.database, self.queue, replace(self.worker, lease_duration=lease_duration)
        )

    async def stop_requested(self) -> set[UUID]:
        async with self.database.transaction() as connection:
            return await TrainerJobs(connection).stop_requested(self.worker.id)

    async def release(self, job: TrainerJob) -> None:
        async with self.database.transaction() as connection:
            await TrainerJobs(connection).release(job)

    async def fail_attempt(self, job: TrainerJob) -> None:
        async with self.database.transaction() as connection:
            await TrainerJobs(connection).report_failed_attempt(job, "its process failed")

    async def end_delay(self, job: TrainerJob) -> None:
        """Let the delay after a crash be over now."""
        statement = text(
            "UPDATE shards SET lease_expires_at = now() - interval '1 s'"
            " WHERE id = :shard_id AND state = 'running' AND worker_id IS NULL"
        )
        async with self.database.connection() as connection:
            await connection.execute(statement, {"shard_id": job.shard_id})

    async def reap(self, job: TrainerJob) -> None:
        async with self.database.transaction() as connection:
            await TrainerJobs(connection).reap(job.job_id, job.shard_id, job.attempt)

    async def add_metrics(self, job: TrainerJob, *metrics: TrainingMetrics) -> bool:
        async with self.database.transaction() as connection:
            return await Trainings(connection).add_metrics(job, list(metrics))

    async def finish(self, job: TrainerJob) -> bool:
        """Finish the job as a trainer does; False if the lease was lost."""
        async with self.database.transaction() as connection:
            is_held = await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED)
            if is_held:
                await JobStore(connection).add_results(job.job_id, succeeded=1)
            return is_held


async def claim_trainer_job(
    database: Database, queue: str, worker: WorkerIdentity
) -> TrainerJob | None:
    """Claim the next job of a queue as a trainer does."""
    async with database.connection() as connection:
        job = await TrainerJobs(connection).claim(queue, worker)
        if job is not None:
            await start_jobs(connection, [job.job_id])
    return job
