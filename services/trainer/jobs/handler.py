"""Interface of a job handler, which adapts a job runner to one kind of job.

A handler runs in the service; the work itself runs in the child process that it names.
"""

from abc import ABC, abstractmethod

from services.trainer.ipc.messages import ChildMessage, JobSpec, Result
from services.trainer.settings import StoragePaths
from shared.broker.queues import TrainerQueue
from shared.db.database import Database
from shared.db.trainer_jobs import TrainerJob


class JobHandler(ABC):
    """Describes a job to its child process, and commits the result."""

    queue: TrainerQueue
    module: str
    """The program of the child process, for `python -m`."""

    def __init__(self, database: Database, paths: StoragePaths) -> None:
        self._database = database
        self._paths = paths

    @abstractmethod
    async def prepare(self, job: TrainerJob, lease_deadline: float) -> JobSpec:
        """Everything that the child needs to know; its first message."""

    async def on_progress(self, job: TrainerJob, message: ChildMessage) -> None:  # noqa: B027 - most children report none
        """Store a message that precedes the result."""

    @abstractmethod
    async def complete(self, job: TrainerJob, result: Result) -> None:
        """Commit the result of a successful child, if the lease is still held."""
