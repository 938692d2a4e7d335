"""Evaluations, as a trade: which pieces the child is to judge, and where its judgement goes.

Refuses to know how pieces are judged.
"""

import asyncio
import logging
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.jobs import ShardState
from services.trainer.data import pieces_file
from services.trainer.data.piece import Notes
from services.trainer.ipc.messages import Ending, Judged, JudgingAssignment
from services.trainer.ipc.workdir import begin_attempt
from services.trainer.jobs.handler import Trade
from services.trainer.publishing.checkpoint_folder import outweighs, with_figures, write_card
from shared.broker.queues import TrainerQueue
from shared.db.evaluations import Evaluations
from shared.db.job_store import Ledger
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies
from shared.db.models import Models
from shared.db.trainer_jobs import Errand, Errands
from shared.models.checkpoints import find_checkpoint, read_card

log = logging.getLogger(__name__)

PIECES_AT_A_TIME = 200


class EvaluationTrade(Trade):
    """What a bench for evaluations knows."""

    queue = TrainerQueue.EVALUATE
    module = "services.trainer.programs.evaluate_model"

    async def assign(self, errand: Errand, until: float) -> JudgingAssignment:
        """Lay down the melodies of the job; which weights made them, and how it was asked."""
        request = EvaluationRequest.model_validate(errand.request)
        async with self._database.transaction() as connection:
            evaluation = await Evaluations(connection).get(errand.job_id, errand.owner)
            job = await Jobs(connection).get(request.job_id, errand.owner)
            pieces = await _pieces(connection, job.id)
        await asyncio.to_thread(self._lay_down, pieces, errand)
        return JudgingAssignment(
            job_id=errand.job_id,
            attempt=errand.attempt,
            until=until,
            places=self._places,
            made_by=job.id,
            asked=job.request,
            model_sha256=evaluation.model_sha256,
        )

    def _lay_down(self, pieces: list[Notes], errand: Errand) -> None:
        folder = begin_attempt(self._places.home, errand.job_id, errand.attempt)
        pieces_file.lay_down(pieces, folder)

    async def deliver(self, errand: Errand, ending: Ending) -> None:
        """Write the judgement down, in the card too, and end the job, all or nothing.

        Raises:
            InvalidCheckpoint: no folder has the weights that made the pieces any more.
            OSError: the card cannot be written now.
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(ending, Judged)  # noqa: S101 - our own child says nothing else
        async with self._database.transaction() as connection:
            if await Errands(connection).finish(errand, ShardState.SUCCEEDED):
                await Evaluations(connection).keep(errand.job_id, ending.samples)
                await Ledger(connection).count(errand.job_id, succeeded=1)
                await self._write_in_card(connection, ending)

    async def _write_in_card(self, connection: AsyncConnection, ending: Judged) -> None:
        """Samples only if what stands there rests on no more; who has the row has the file, too."""
        samples = ending.samples
        version, sha256 = samples.request.model, samples.model_sha256
        await Models(connection).lock(version, sha256)
        folder = await asyncio.to_thread(find_checkpoint, self._places.checkpoints, version, sha256)
        card = await asyncio.to_thread(read_card, folder)
        figures = ending.foresight.copy()
        if outweighs(samples, card):
            figures["samples"] = samples.model_dump(mode="json")
            log.info("%s is judged by %d pieces.", version, samples.pieces)
        else:
            log.info("%s keeps its judgement, not one by %d pieces.", version, samples.pieces)
        judged = with_figures(card, figures)
        await Models(connection).register(judged)
        write_card(judged, folder)


async def _pieces(connection: AsyncConnection, job_id: UUID) -> list[Notes]:
    """The melodies of a job, as arrays: thousands of them are large otherwise."""
    found: list[Notes] = []
    last = -1
    while True:
        page = await Melodies(connection).pieces_of_job(job_id, after=last, limit=PIECES_AT_A_TIME)
        found += [np.array(notes, dtype=np.int64).reshape(-1, 4) for _, notes in page]
        if len(page) < PIECES_AT_A_TIME:
            return found
        last = page[-1][0]
