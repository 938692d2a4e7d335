"""Handler of evaluation jobs: collects the melodies, stores the measurements."""

import asyncio
import logging
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.jobs import JobState, ShardState
from services.trainer.data.piece import Notes
from services.trainer.data.pieces_file import save_pieces
from services.trainer.ipc.messages import Evaluated, EvaluationSpec, Result
from services.trainer.ipc.workdir import create_attempt_dir
from services.trainer.jobs.handler import JobHandler
from services.trainer.publishing.checkpoint_folder import (
    supersedes,
    with_evaluation,
    write_card,
)
from shared.broker.queues import TrainerQueue
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.melodies import Melodies
from shared.db.model_versions import ModelVersions
from shared.db.trainer.evaluations import Evaluations
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs
from shared.models.checkpoints import find_checkpoint, read_card

log = logging.getLogger(__name__)

PAGE_SIZE = 200
"""Melodies per query."""


class EvaluationHandler(JobHandler):
    """Evaluates a version in a child process, with the melodies of a generation job."""

    queue = TrainerQueue.EVALUATE
    module = "services.trainer.programs.evaluate_model"
    noun, limit_advice = "evaluation", "evaluate fewer or shorter melodies"

    async def prepare(self, job: TrainerJob, lease_deadline: float) -> EvaluationSpec:
        """Write the melodies to the attempt directory; return a spec with their request."""
        request = EvaluationRequest.model_validate(job.request)
        async with self._database.transaction() as connection:
            evaluation = await Evaluations(connection).get(job.job_id, job.owner)
            source = await GenerationJobs(connection).get(request.job_id, job.owner)
            melodies = await _melodies(connection, source.id)
        await asyncio.to_thread(self._save, melodies, job)
        return EvaluationSpec(
            job_id=job.job_id,
            attempt=job.attempt,
            lease_deadline=lease_deadline,
            paths=self._paths,
            source_job_id=source.id,
            generation_request=source.request,
            model_sha256=evaluation.model_sha256,
        )

    def _save(self, melodies: list[Notes], job: TrainerJob) -> None:
        save_pieces(melodies, create_attempt_dir(self._paths.cache_dir, job.job_id, job.attempt))

    async def complete(self, job: TrainerJob, result: Result) -> None:
        """Store the measurements, update the card if it may, and finish the job atomically.

        A job that was cancelled meanwhile changes neither.

        Raises:
            InvalidCheckpoint: no checkpoint folder has the weights of the melodies any more.
            OSError: the card cannot be written at the moment.
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(result, Evaluated)  # noqa: S101 - the only result of evaluate_model
        async with self._database.transaction() as connection:
            if await JobStore(connection).lock(job.job_id) is JobState.CANCELLING:
                await TrainerJobs(connection).release(job)
            elif await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED):
                evaluations = Evaluations(connection)
                await evaluations.save_result(job.job_id, result.samples)
                await JobStore(connection).add_results(job.job_id, succeeded=1)
                if await evaluations.may_update_card(job.job_id):
                    await self._update_card(connection, result)

    async def _update_card(self, connection: AsyncConnection, result: Evaluated) -> None:
        """Update the card; the row lock of the version also protects the file."""
        samples = result.samples
        version, sha256 = samples.request.resolved_model, samples.model_sha256
        await ModelVersions(connection).lock(version, sha256)
        folder = await asyncio.to_thread(
            find_checkpoint, self._paths.checkpoints_dir, version, sha256
        )
        card = await asyncio.to_thread(read_card, folder)
        current = card.evaluation
        kept = {"samples": current.samples, "data_leakage": current.data_leakage}
        if supersedes(samples, card):
            kept["samples"] = samples
            log.info(
                "The card of %s has measurements of %d new samples.", version, samples.num_pieces
            )
        else:
            log.info("The card of %s keeps the measurements of its samples.", version)
        evaluated = with_evaluation(card, result.held_out.model_copy(update=kept))
        await ModelVersions(connection).register(evaluated)
        write_card(evaluated, folder)


async def _melodies(connection: AsyncConnection, job_id: UUID) -> list[Notes]:
    """The melodies of a job as arrays, which are smaller than lists of notes."""
    found: list[Notes] = []
    last = -1
    while True:
        page = await Melodies(connection).note_lists(job_id, after=last, limit=PAGE_SIZE)
        found += [np.array(notes, dtype=np.int64).reshape(-1, 4) for _, notes in page]
        if len(page) < PAGE_SIZE:
            return found
        last = page[-1][0]
