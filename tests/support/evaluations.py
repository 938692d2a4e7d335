"""A version to evaluate, and its melodies in PostgreSQL, without gateway and worker."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import torch

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.evaluations import (
    Evaluation,
    EvaluationRequest,
    FeatureComparison,
    LengthSummary,
    SampleEvaluation,
    TrainingOverlap,
)
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from ostinato.schemas.models import Capabilities, ModelCard
from ostinato.schemas.notes import Note
from ostinato.schemas.recipes.recipe_records import (
    DecoderShapeRecord,
    ExampleRecord,
    OptimizationRecord,
    RecipeRecord,
    WeightedDatasetRecord,
)
from services.trainer.publishing.checkpoint_folder import write_card
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.melodies import Melodies
from shared.db.melody_score import MelodyScore
from shared.db.new_job import NewJob
from shared.db.new_melody import FinishedMelodies, NewMelody
from shared.db.trainer.evaluations import Evaluations
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs
from shared.models.checkpoints import save_weights
from shared.models.decoder import Decoder, DecoderConfig
from shared.tokenizers.remi import RemiTokenizer
from tests.support.jobs import LEASE_DURATION, new_worker
from tests.support.trainings import claim_trainer_job

COUNT = 3
NOTES = [Note(480 * i, 480, 60 + i % 5, 100) for i in range(12)]
LENGTHS = LengthSummary(median=3.0, p95=4.0, max=5)


def write_checkpoint(
    checkpoints_dir: Path, version: str, training: TrainingRecord | None = None
) -> ModelCard:
    """Write the checkpoint folder of a small version with random weights."""
    folder = checkpoints_dir / version
    tokenizer = RemiTokenizer.without_bpe()
    config = DecoderConfig(
        vocab_size=tokenizer.vocab_size, layers=1, heads=2, d_model=64, d_ff=64, context=32
    )
    torch.manual_seed(0)
    card = ModelCard(
        version=version,
        sha256=save_weights(Decoder(config), folder),
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        license="none",
        data=DataRecord(),
        training=training or TrainingRecord(),
        evaluation=EvaluationRecord(nats_per_note=3.0),
    )
    tokenizer.save(folder)
    write_card(card, folder)
    return card


def recipe_record(dataset: str) -> RecipeRecord:
    """The recipe of a version that was trained on one data set."""
    return RecipeRecord(
        version="mini",
        description="For a test.",
        datasets=(WeightedDatasetRecord(name=dataset),),
        tokenizer="remi",
        examples=ExampleRecord(context=32),
        network=DecoderShapeRecord(layers=1, heads=2, d_model=64, d_ff=64),
        optimization=OptimizationRecord(
            batch_size=1,
            learning_rate=0.01,
            weight_decay=0.1,
            max_grad_norm=1.0,
            warmup_ratio=0.1,
        ),
        steps=1,
        validate_every=1,
        patience=1,
        seed=7,
    )


def sample_evaluation(card: ModelCard, job_id: UUID) -> SampleEvaluation:
    """A possible result of a child process."""
    comparison = FeatureComparison(
        samples_mean=1.0, samples_std=0.5, held_out_mean=1.0, held_out_std=0.5, distance=0.25
    )
    return SampleEvaluation(
        num_pieces=COUNT,
        num_silent=0,
        bars=2,
        num_excerpts=9,
        features={"polyphony": comparison},
        training_overlap=TrainingOverlap(samples=LENGTHS, held_out=LENGTHS),
        job_id=job_id,
        request=GenerationRequest(model=card.version, count=COUNT, bars=2, seed=7),
        model_sha256=card.sha256,
        num_failed=0,
    )


class EvaluationFixture:
    """One owner with its own queue, and one trainer."""

    def __init__(self, database: Database, version: str) -> None:
        self.database = database
        self.owner = uuid4().hex
        self.queue = f"test.{self.owner}"
        self.worker = new_worker()
        self.version = version

    async def add_generation(
        self, notes: list[Note] = NOTES, *, sha256: str = "0" * 64
    ) -> GenerationJob:
        """A generation job with its melodies; its shards are still queued."""
        request = GenerationRequest(model=self.version, count=COUNT, bars=2, seed=7)
        job = NewJob(
            owner=self.owner, request=request, original_request=request, queue="test.unclaimed"
        )
        melodies = [_melody(self.version, sha256, index, notes) for index in range(COUNT)]
        async with self.database.transaction() as connection:
            created = await GenerationJobs(connection).create(job)
            await Melodies(connection).add(
                FinishedMelodies(
                    job_id=created.id, owner=self.owner, attempt=1, new=melodies, streamed=False
                )
            )
        return created

    async def create(
        self, job: GenerationJob, sha256: str, *, key: str | None = None, by_admin: bool = True
    ) -> Evaluation:
        """A queued evaluation of the melodies of `job`."""
        request = EvaluationRequest(job_id=job.id)
        new_job = NewJob(
            owner=self.owner,
            request=request,
            original_request=request,
            queue=self.queue,
            idempotency_key=key,
        )
        async with self.database.transaction() as connection:
            return await Evaluations(connection).create(
                new_job, version=self.version, model_sha256=sha256, by_admin=by_admin
            )

    async def get(self, evaluation: Evaluation) -> Evaluation:
        async with self.database.transaction() as connection:
            return await Evaluations(connection).get(evaluation.id, self.owner)

    async def claim(self, *, lease_duration: timedelta = LEASE_DURATION) -> TrainerJob:
        """Claim the next job, which must exist."""
        worker = replace(self.worker, lease_duration=lease_duration)
        job = await claim_trainer_job(self.database, self.queue, worker)
        assert job is not None
        return job

    async def reap(self, job: TrainerJob) -> None:
        async with self.database.transaction() as connection:
            await TrainerJobs(connection).reap(job.job_id, job.shard_id, job.attempt)


def _melody(version: str, sha256: str, index: int, notes: list[Note]) -> NewMelody:
    return NewMelody(
        index=index,
        seed=7 + index,
        model=version,
        model_sha256=sha256,
        numerics="test",
        score=MelodyScore.of_one_track(tempo=120, program=0),
        bars=2,
        generation_seconds=0.1,
        notes=notes,
        num_tokens=1,
        midi=b"MThd",
    )
