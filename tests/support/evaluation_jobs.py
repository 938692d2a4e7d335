"""Evaluation jobs with a runner, over folders of one test."""

import asyncio
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from ostinato.schemas.cards import BaseRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.evaluations import Evaluation, SampleEvaluation
from ostinato.schemas.models import ModelCard, ModelVersion
from ostinato.schemas.trainings import TrainingRequest
from services.trainer.ipc.messages import Evaluated
from services.trainer.jobs.evaluation import EvaluationHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.settings import StoragePaths
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.outbox_publisher import OutboxPublisher
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from shared.worker_identity import WorkerIdentity
from tests.support.evaluations import (
    EvaluationFixture,
    recipe_record,
    sample_evaluation,
    write_checkpoint,
)
from tests.support.trainer.blobs import put

HELD_OUT = EvaluationRecord(nats_per_note=2.5)


def evaluated(samples: SampleEvaluation) -> Evaluated:
    """A possible result of the child program."""
    return Evaluated(samples=samples, held_out=HELD_OUT)


class EvaluationJobFixture:
    """Evaluations with a job runner, over the test's own folders."""

    def __init__(
        self,
        database: Database,
        streams: EventStreams,
        publisher: OutboxPublisher,
        folder: Path,
    ) -> None:
        self.evaluations = EvaluationFixture(database, f"v-{uuid4()}")
        self.paths = StoragePaths(
            cache_dir=folder / "cache",
            datasets_dir=None,
            checkpoints_dir=folder / "checkpoints",
            storage_url=str(folder / "blobs"),
        )
        self.handler = EvaluationHandler(database, streams, self.paths)
        self.handler.queue = self.evaluations.queue  # type: ignore[assignment]  # the test's own
        identity = WorkerIdentity(
            id=self.evaluations.worker.id, name="test", lease_duration=timedelta(seconds=60)
        )
        self.runner = JobRunner(self.handler, database, publisher, identity)

    @property
    def folder(self) -> Path:
        return self.paths.checkpoints_dir / self.evaluations.version

    def write_checkpoint(self, training: TrainingRecord | None = None) -> ModelCard:
        return write_checkpoint(self.paths.checkpoints_dir, self.evaluations.version, training)

    def write_checkpoint_trained_on(
        self, dataset_id: UUID, base: BaseRecord | None = None
    ) -> ModelCard:
        """The checkpoint of a version that was trained on an uploaded data set."""
        request = TrainingRequest(
            recipe="mini", version=self.evaluations.version, dataset=str(dataset_id)
        )
        return self.write_checkpoint(
            TrainingRecord(recipe=recipe_record("tunes"), request=request, base=base)
        )

    def upload(self, archive: BytesIO) -> UUID:
        dataset_id = uuid4()
        put(Blobs(self.paths.storage_url), dataset_key(dataset_id), archive)
        return dataset_id

    async def registered(self) -> ModelVersion:
        async with self.evaluations.database.transaction() as connection:
            [version] = [
                model
                for model in await ModelVersions(connection).list_versions()
                if model.version == self.evaluations.version
            ]
        return version

    async def evaluate(self, sha256: str) -> Evaluation:
        """Request an evaluation, and wait until it has ended."""
        generation = await self.evaluations.add_generation(sha256=sha256)
        evaluation = await self.evaluations.create(generation, sha256)
        await self.runner.claim_next()
        while True:
            if (now := await self.evaluations.get(evaluation)).is_terminal:
                return now
            await asyncio.sleep(0.05)

    async def complete(
        self, card: ModelCard, *, num_pieces: int, by_admin: bool = True
    ) -> Evaluation:
        """Complete an evaluation with the result of a child that evaluated `num_pieces`."""
        generation = await self.evaluations.add_generation()
        evaluation = await self.evaluations.create(generation, card.sha256, by_admin=by_admin)
        samples = sample_evaluation(card, generation.id).model_copy(
            update={"num_pieces": num_pieces}
        )
        await self.handler.complete(await self.evaluations.claim(), evaluated(samples))
        return await self.evaluations.get(evaluation)
