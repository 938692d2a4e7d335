"""Job runner: claims the jobs of one queue and runs each in a child process.

Every write carries the fencing token of the claim and is retried while PostgreSQL is unavailable.
Everything that depends on the kind of job is in its handler.
"""

import asyncio
import errno
import logging
import math
import os
import time

from ostinato.schemas.jobs import JobError, JobState, ShardState
from services.trainer.ipc.messages import Failed, JobSpec, LeaseRenewal, Result
from services.trainer.jobs.child_process import ChildProcess
from services.trainer.jobs.handler import JobHandler
from shared.background import retry_until_available
from shared.broker.queues import TrainerQueue
from shared.db.database import Database
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NO_MODEL
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs
from shared.errors import OstinatoError, Unavailable, UserError, code_of
from shared.logs import log_fields
from shared.metrics.instruments import QUEUE_WAIT_SECONDS
from shared.outbox_publisher import OutboxPublisher
from shared.tracing import JobTracer, Phase
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})
KILL_TIMEOUT_SECONDS = 2.0
"""Time for a killed child to exit and for its job to be released."""


class JobRunner:
    """Runs the jobs of one queue."""

    def __init__(
        self,
        handler: JobHandler,
        database: Database,
        publisher: OutboxPublisher,
        identity: WorkerIdentity,
        tracer: JobTracer | None = None,
    ) -> None:
        self.job: TrainerJob | None = None
        """The running job, if any."""
        self._handler = handler
        self._database = database
        self._publisher = publisher
        self._identity = identity
        self._tracer = tracer
        self._claim_lock = asyncio.Lock()
        self._is_draining = False
        self._task: asyncio.Task[None] | None = None
        self._child: ChildProcess | None = None
        self._lease_deadline = 0.0
        self._stop_grace = math.inf
        """Seconds that the child has to exit after a stop request; infinite without one."""

    @property
    def queue(self) -> TrainerQueue:
        """The queue that the jobs are claimed from."""
        return self._handler.queue

    async def claim_next(self) -> None:
        """Claim the next queued job, in turn by owner, if no job is running.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._claim_lock:
            if self.job is not None or self._is_draining:
                return
            await self._claim()

    async def _claim(self) -> None:
        lease_deadline = time.monotonic() + self._identity.lease_duration.total_seconds()
        async with self._database.connection() as connection:
            job = await TrainerJobs(connection).claim(self.queue, self._identity)
            if job is not None:
                await start_jobs(connection, [job.job_id])
        if job is not None:
            if job.attempt == 1:
                QUEUE_WAIT_SECONDS.labels(self.queue, NO_MODEL).observe(job.job_age)
            log.info(
                *("Claimed job %s, attempt %d, from %s.", job.job_id, job.attempt, self.queue),
                extra=job.log_fields,
            )
            self.job, self._lease_deadline, self._stop_grace = job, lease_deadline, math.inf
            self._task = asyncio.create_task(self._run_job(job))

    def renew_lease(self, job: TrainerJob, lease_deadline: float) -> None:
        """Pass the deadline of the renewed lease on to the child."""
        if self.job is job:
            self._lease_deadline = lease_deadline
            if self._child is not None:
                self._child.send_lease(LeaseRenewal(lease_deadline=lease_deadline))

    def kill(self, job: TrainerJob) -> None:
        """Kill the child of a job whose lease was lost; its result would be discarded."""
        if self.job is job and self._child is not None:
            log.warning(
                "Lost the lease of job %s: killing its process.", job.job_id, extra=job.log_fields
            )
            self._child.kill()

    def request_stop(self, grace_seconds: float) -> None:
        """Let the child save its state and exit, kill it after the grace, and release the job.

        Idempotent; a later request with less grace is effective.
        """
        if grace_seconds < self._stop_grace:
            self._stop_grace = grace_seconds
            if self._child is not None:
                self._child.request_stop(grace_seconds)

    @property
    def _is_stopping(self) -> bool:
        return self._stop_grace < math.inf

    async def drain(self, timeout_seconds: float) -> None:
        """Claim no more jobs, and stop the running one; kill its child after the timeout."""
        async with self._claim_lock:
            self._is_draining = True
        if self.job is None or self._task is None:
            return
        self.request_stop(timeout_seconds)
        await asyncio.wait({self._task}, timeout=timeout_seconds)
        if self._child is not None:
            self._child.kill()
        await asyncio.wait({self._task}, timeout=KILL_TIMEOUT_SECONDS)
        self._task.cancel()

    async def _run_job(self, job: TrainerJob) -> None:
        with log_fields(**job.log_fields):
            await self._run_and_record(job)
        await self._claim_next_if_available()

    async def _run_and_record(self, job: TrainerJob) -> None:
        claimed_at = time.monotonic()
        try:
            result, exit_code = await self._run_child(job)
            await retry_until_available(
                f"Job {job.job_id}", lambda: self._record_outcome(job, result, exit_code)
            )
        except Exception:  # the lease expires, and the reaper requeues the job
            log.exception("Job %s has no outcome; its lease expires.", job.job_id)
        finally:
            self.job = None
            self._publisher.schedule(job.job_id)
            if self._tracer is not None:
                self._record_trace(self._tracer, job, claimed_at)

    def _record_trace(self, tracer: JobTracer, job: TrainerJob, claimed_at: float) -> None:
        tracer.record(
            str(self.queue),
            job.traceparent,
            started_at=claimed_at - job.job_age,
            phases=[Phase("queue", claimed_at), Phase("run", time.monotonic())],
            attributes={"ostinato.job": str(job.job_id), "ostinato.attempt": job.attempt},
        )

    async def _claim_next_if_available(self) -> None:
        try:
            await self.claim_next()
        except Unavailable as error:
            log.warning("The next job of queue %s stays queued: %s", self.queue, error.detail)

    async def _run_child(self, job: TrainerJob) -> tuple[Result | None, int]:
        """Run the child; returns its result, if it sent one, and its exit code."""
        self._publisher.schedule(job.job_id)
        try:
            spec = await retry_until_available(
                f"Job {job.job_id}", lambda: self._handler.prepare(job, self._lease_deadline)
            )
        except UserError as error:  # what the job needs was deleted
            return Failed(error=JobError(code=code_of(error), detail=error.detail)), os.EX_OK
        if self._is_stopping:
            return None, os.EX_TEMPFAIL
        child = await self._start_child(spec)
        enforcement = asyncio.create_task(child.enforce(self._handler.limits(job)))
        try:
            result = await self._read_messages(job, child)
            exit_code = await child.wait()
        finally:
            enforcement.cancel()
            child.kill()
            self._child = None
        if result is None and child.exceeded is not None:
            return Failed(error=self._handler.describe_exceeded(child.exceeded)), os.EX_OK
        return result, exit_code

    async def _start_child(self, spec: JobSpec) -> ChildProcess:
        self._child = await ChildProcess.start(self._handler.module, spec)
        if self._is_stopping:  # the stop was requested while the process started
            self._child.request_stop(self._stop_grace)
        return self._child

    async def _read_messages(self, job: TrainerJob, child: ChildProcess) -> Result | None:
        result: Result | None = None
        async for message in child.messages():
            if isinstance(message, Result):
                result = message
            else:
                await self._handler.on_progress(job, message)
        return result

    async def _record_outcome(self, job: TrainerJob, result: Result | None, exit_code: int) -> None:
        """Commit how the job ended.

        Raises:
            Unavailable: PostgreSQL does not answer; nothing was committed.
        """
        if isinstance(result, Failed) and exit_code == os.EX_OK:
            await self._fail(job, result.error)
        elif isinstance(result, Failed):
            await self._record_failed_attempt(job, result.error.detail)
        elif result is not None:
            await self._complete(job, result)
        elif self._is_stopping or exit_code == os.EX_TEMPFAIL:
            async with self._database.transaction() as connection:
                await TrainerJobs(connection).release(job)
        elif exit_code < 0:
            await self._record_failed_attempt(job, f"its process was killed by signal {-exit_code}")
        else:
            await self._record_failed_attempt(job, f"its process exited with code {exit_code}")

    async def _complete(self, job: TrainerJob, result: Result) -> None:
        try:
            await self._handler.complete(job, result)
        except Unavailable:
            raise
        except OstinatoError as error:
            await self._fail(job, JobError(code=error.code, detail=error.detail))
        except OSError as error:
            cause = f"{type(error).__name__}: {error}"
            if (
                error.errno in FULL_DISK
            ):  # not the job's fault: it is tried again until there is space
                log.error("Job %s is tried again: %s", job.job_id, cause)  # noqa: TRY400 - as below
                async with self._database.transaction() as connection:
                    await TrainerJobs(connection).report_crash(job, cause)
                return
            await self._record_failed_attempt(job, cause)

    async def _record_failed_attempt(self, job: TrainerJob, cause: str) -> None:
        log.error("Job %s crashed: %s", job.job_id, cause)
        async with self._database.transaction() as connection:
            await TrainerJobs(connection).report_failed_attempt(job, cause)

    async def _fail(self, job: TrainerJob, error: JobError) -> None:
        log.error("Job %s failed: %s", job.job_id, error.detail)
        async with self._database.transaction() as connection:
            if await JobStore(connection).lock(job.job_id) is JobState.CANCELLING:
                await TrainerJobs(connection).release(job)
            elif await TrainerJobs(connection).finish(job, ShardState.FAILED):
                await JobStore(connection).add_results(job.job_id, failed=1, error=error)
            else:
                return
        try:
            await self._handler.on_failed(job)
        except OSError:  # it is deleted by the next sweep
            log.exception("Job %s failed, and its input was not deleted.", job.job_id)
