"""Interface of a job handler, which adapts a job runner to one kind of job.

A handler runs in the service; the job itself runs in a child process.
"""

from abc import ABC, abstractmethod
from contextlib import suppress

from ostinato.schemas.jobs import JobError
from services.trainer.errors import LimitExceeded
from services.trainer.ipc.messages import ChildMessage, JobSpec, ProgressReport, Result
from services.trainer.jobs.child_limits import ChildLimits
from services.trainer.settings import StoragePaths
from shared.broker.queues import TrainerQueue
from shared.broker.stream_entries import progress_event
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.trainer.trainer_jobs import TrainerJob
from shared.errors import Unavailable


class JobHandler(ABC):
    """Builds the spec of a job for its child process, and commits the result."""

    queue: TrainerQueue
    module: str
    """The module that the child process runs with `python -m`."""
    noun: str
    """What messages call the job."""
    limit_advice: str
    """What a client can do if the child exceeds a limit."""
    limit_error: type[LimitExceeded] = LimitExceeded
    """The error of a job whose child exceeds a limit."""

    def __init__(
        self,
        database: Database,
        streams: EventStreams,
        paths: StoragePaths,
        limits: ChildLimits = ChildLimits(),  # noqa: B008 - it is immutable
    ) -> None:
        self._database = database
        self._streams = streams
        self._paths = paths
        self._limits = limits

    def limits(self, job: TrainerJob) -> ChildLimits:  # noqa: ARG002 - training reads its request
        """The limits on the child of this job."""
        return self._limits

    def describe_exceeded(self, exceeded: str) -> JobError:
        """The error of a job whose child was killed because it exceeded this limit."""
        detail = f"The {self.noun} {exceeded}, the limit of this trainer; {self.limit_advice}."
        return JobError(code=self.limit_error.code, detail=detail)

    @abstractmethod
    async def prepare(self, job: TrainerJob, lease_deadline: float) -> JobSpec:
        """The spec of the job, which is the first message to the child."""

    async def on_progress(self, job: TrainerJob, message: ChildMessage) -> None:
        """Publish a message that precedes the result, or drop it if Redis is down."""
        if isinstance(message, ProgressReport):
            with suppress(Unavailable):
                await self._streams.append(
                    [progress_event(job.job_id, job.attempt, message.progress)]
                )

    async def on_failed(self, job: TrainerJob) -> None:  # noqa: B027 - most kinds have no input to delete
        """Free what the job took, after its failure was committed."""

    @abstractmethod
    async def complete(self, job: TrainerJob, result: Result) -> None:
        """Commit the result of a successful child, if the lease is still held."""
