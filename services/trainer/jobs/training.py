"""Trainings, as a trade: what the child is told, where its curve goes, and what becomes of a model.

Refuses to know how a model learns.
"""

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

from ostinato.schemas.jobs import JobState, ShardState
from ostinato.schemas.trainings import NAMED_DATASETS, TrainingPoint, TrainingRequest
from services.trainer.ipc.messages import (
    Curve,
    Ending,
    Exported,
    Places,
    Step,
    TrainingAssignment,
    Word,
)
from services.trainer.jobs.handler import Trade
from services.trainer.publishing.checkpoint_folder import put_in_place, stage
from shared.background import at_last
from shared.broker.queues import TrainerQueue
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.datasets import Datasets
from shared.db.job_store import Ledger
from shared.db.models import Models
from shared.db.trainer_jobs import Errand, Errands
from shared.db.trainings import Trainings
from shared.errors import Unavailable
from shared.outbox_publisher import Publisher

log = logging.getLogger(__name__)


class TrainingTrade(Trade):
    """What a bench for trainings knows."""

    queue = TrainerQueue.TRAIN
    module = "services.trainer.programs.train_model"

    def __init__(
        self, database: Database, streams: EventStreams, publisher: Publisher, places: Places
    ) -> None:
        super().__init__(database, places)
        self._streams = streams
        self._publisher = publisher

    async def assign(self, errand: Errand, until: float) -> TrainingAssignment:
        """The version to make, and what its owner calls the music."""
        request = TrainingRequest.model_validate(errand.request)
        return TrainingAssignment(
            job_id=errand.job_id,
            attempt=errand.attempt,
            until=until,
            places=self._places,
            request=request,
            dataset=await self._name_of_own(request.dataset, errand.owner),
        )

    async def _name_of_own(self, dataset: str | None, owner: str) -> str | None:
        if dataset is None or dataset in NAMED_DATASETS:
            return None
        async with self._database.transaction() as connection:
            return (await Datasets(connection).get(UUID(dataset), owner)).name

    async def hear(self, errand: Errand, word: Word) -> None:
        """Keep points for good; a step that Redis does not take now is nobody's loss."""
        if isinstance(word, Step):
            with suppress(Unavailable):
                await self._streams.append_step(errand.job_id, word.step)
        elif isinstance(word, Curve):
            what = f"Training {errand.job_id}"
            await at_last(what, lambda: self._draw(errand, word.points))
            self._publisher.soon(errand.job_id)

    async def _draw(self, errand: Errand, points: list[TrainingPoint]) -> None:
        async with self._database.transaction() as connection:
            await Trainings(connection).draw(errand, points)

    async def deliver(self, errand: Errand, ending: Ending) -> None:
        """Publish the version and end the job, both or neither.

        Raises:
            NotPublished: there is something else of this name among the checkpoints.
            OSError: the folder cannot be put there now.
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(ending, Exported)  # noqa: S101 - our own child says nothing else
        checkpoints, name = self._places.checkpoints, f"{errand.job_id}-{errand.attempt}"
        staged = await asyncio.to_thread(stage, ending.folder, checkpoints, name)
        async with self._database.transaction() as connection:
            if await Ledger(connection).lock(errand.job_id) is JobState.CANCELLING:
                await Errands(connection).release(errand)
            elif await Errands(connection).finish(errand, ShardState.SUCCEEDED):
                await Ledger(connection).count(errand.job_id, succeeded=1)
                await Models(connection).register(ending.card)
                put_in_place(staged, checkpoints / ending.card.version, errand.job_id)
                log.info("Training %s made %s.", errand.job_id, ending.card.version)
