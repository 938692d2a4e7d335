"""Heartbeat of a trainer: leases, its row, and polling for stop requests.

A job whose lease cannot be renewed may already run elsewhere; its child process is killed.
"""

import time
from collections.abc import Sequence

from ostinato.schemas.jobs import JobState
from services.trainer.jobs.runner import JobRunner
from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.db.trainer.trainers import Trainers
from shared.worker_identity import WorkerIdentity

CANCEL_POLL_SECONDS = 0.25
CANCEL_GRACE_SECONDS = 2.0
"""Time for the child of a cancelled job to exit by itself; it has nothing to save."""


class Heartbeat:
    """The heartbeat of one trainer process."""

    def __init__(
        self,
        database: Database,
        runners: Sequence[JobRunner],
        identity: WorkerIdentity,
        *,
        pause_grace_seconds: float,
    ) -> None:
        """`pause_grace_seconds`: how long the child of a paused job may take to save its state."""
        self._database = database
        self._runners = runners
        self._identity = identity
        self._pause_grace_seconds = pause_grace_seconds

    async def renew(self) -> None:
        """Renew the lease of every running job; kill the jobs whose lease was lost.

        Raises:
            Unavailable: PostgreSQL does not answer; children wait before they write a checkpoint.
        """
        running = [(runner, runner.job) for runner in self._runners if runner.job is not None]
        if not running:
            return
        lease_deadline = time.monotonic() + self._identity.lease_duration.total_seconds()
        shards = [job.shard_id for _, job in running]
        async with self._database.transaction() as connection:
            renewed = await TrainerJobs(connection).renew(
                self._identity.id, shards, self._identity.lease_duration
            )
        for runner, job in running:
            if (job.shard_id, job.attempt) in renewed:
                runner.renew_lease(job, lease_deadline)
            else:
                runner.kill(job)

    async def record(self) -> None:
        """Update the row of this trainer, by which its health is checked.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._database.connection() as connection:
            await Trainers(connection).upsert_heartbeat(self._identity)

    async def deregister(self) -> None:
        """Delete the trainer's row before the process ends.

        Raises:
            Unavailable: PostgreSQL does not answer; the row stays and becomes stale.
        """
        async with self._database.connection() as connection:
            await Trainers(connection).deregister(self._identity)

    async def poll_cancellations(self) -> None:
        """Stop the jobs that a client paused or cancelled.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        if all(runner.job is None for runner in self._runners):
            return
        async with self._database.transaction() as connection:
            stop_requested = await TrainerJobs(connection).stop_requested(self._identity.id)
            stopping = [
                (runner, await JobStore(connection).status(job.job_id, job.owner))
                for runner in self._runners
                if (job := runner.job) is not None and job.shard_id in stop_requested
            ]
        for runner, status in stopping:
            if runner.job is not None and runner.job.job_id == status.id:
                is_paused = status.state is JobState.PAUSED
                runner.request_stop(
                    self._pause_grace_seconds if is_paused else CANCEL_GRACE_SECONDS
                )
