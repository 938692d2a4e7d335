"""The reading of data sets, as a trade: what the reader is told, and where its report goes.

Refuses to know how music is read.
"""

from ostinato.schemas.datasets import ReadingRequest
from ostinato.schemas.jobs import ShardState
from services.trainer.ipc.messages import Described, Ending, ReadingAssignment
from services.trainer.jobs.handler import Trade
from shared.broker.queues import TrainerQueue
from shared.db.datasets import Datasets
from shared.db.job_store import Ledger
from shared.db.trainer_jobs import Errand, Errands


class ReadingTrade(Trade):
    """What a bench for data sets knows."""

    queue = TrainerQueue.DATA
    module = "services.trainer.programs.inspect_dataset"

    async def assign(self, errand: Errand, until: float) -> ReadingAssignment:
        """The data set that has the job's id."""
        request = ReadingRequest.model_validate(errand.request)
        return ReadingAssignment(
            job_id=errand.job_id,
            attempt=errand.attempt,
            until=until,
            places=self._places,
            name=request.name,
        )

    async def deliver(self, errand: Errand, ending: Ending) -> None:
        """Keep the report beside the data set, and end the job.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(ending, Described)  # noqa: S101 - our own child says nothing else
        async with self._database.transaction() as connection:
            if await Errands(connection).finish(errand, ShardState.SUCCEEDED):
                await Datasets(connection).describe(errand.job_id, ending.report)
                await Ledger(connection).count(errand.job_id, succeeded=1)
