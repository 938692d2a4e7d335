"""Engravings, as a trade: which notes the child is to set, and where its sheet music goes.

Refuses to know how music is engraved.
"""

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.jobs import ShardState
from services.trainer.ipc.messages import Ending, Engraved, EngravingAssignment
from services.trainer.jobs.handler import Trade
from shared.broker.queues import TrainerQueue
from shared.db.engravings import Engravings
from shared.db.job_store import Ledger
from shared.db.trainer_jobs import Errand, Errands


class EngravingTrade(Trade):
    """What a bench for engravings knows."""

    queue = TrainerQueue.ENGRAVE
    module = "services.trainer.programs.engrave_score"

    async def assign(self, errand: Errand, until: float) -> EngravingAssignment:
        """The notes are in the request."""
        return EngravingAssignment(
            job_id=errand.job_id,
            attempt=errand.attempt,
            until=until,
            places=self._places,
            request=EngravingRequest.model_validate(errand.request),
        )

    async def deliver(self, errand: Errand, ending: Ending) -> None:
        """Keep the sheet music, and end the job.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(ending, Engraved)  # noqa: S101 - our own child says nothing else
        async with self._database.transaction() as connection:
            if await Errands(connection).finish(errand, ShardState.SUCCEEDED):
                await Engravings(connection).keep(errand.job_id, ending.musicxml)
                await Ledger(connection).count(errand.job_id, succeeded=1)
