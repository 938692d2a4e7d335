"""A version that can be judged, and melodies of it as workers write them down, without either."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import torch

from ostinato.schemas.evaluations import (
    Copies,
    Evaluation,
    EvaluationRequest,
    Lengths,
    Samples,
    TraitComparison,
)
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Job
from ostinato.schemas.models import Capabilities, ModelCard
from ostinato.schemas.notes import Note
from services.trainer.publishing.checkpoint_folder import write_card
from shared.db.database import Database
from shared.db.evaluations import Evaluations
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies, NewMelody
from shared.db.new_job import Order
from shared.db.trainer_jobs import Errand, Errands
from shared.models.checkpoints import save_weights
from shared.models.decoder import Decoder, DecoderConfig
from shared.tokenizers.remi import Remi
from tests.orders import LEASE

COUNT = 3
NOTES = [Note(480 * at, 480, 60 + at % 5, 100) for at in range(12)]
LENGTHS = Lengths(median=3.0, p95=4.0, max=5)


def hang(checkpoints: Path, version: str, **training: object) -> ModelCard:
    """Lay down the folder of a small version that was made as `training` says."""
    folder = checkpoints / version
    remi = Remi.without_pairs()
    config = DecoderConfig(
        vocab_size=remi.vocab_size, layers=1, heads=2, d_model=64, d_ff=64, context=32
    )
    torch.manual_seed(0)
    card = ModelCard(
        version=version,
        sha256=save_weights(Decoder(config), folder),
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        licence="none",
        data={},
        training=training,
        evaluation={"nats_per_note": 3.0},
    )
    remi.save(folder)
    write_card(card, folder)
    return card


def samples_of(card: ModelCard, job_id: UUID) -> Samples:
    """What a child may have found."""
    alike = TraitComparison(
        samples_mean=1.0, samples_std=0.5, held_out_mean=1.0, held_out_std=0.5, distance=0.25
    )
    return Samples(
        pieces=COUNT,
        silent=0,
        bars=2,
        excerpts=9,
        traits={"polyphony": alike},
        longest_copied_notes=Copies(samples=LENGTHS, held_out=LENGTHS),
        job_id=job_id,
        request=GenerationRequest(model=card.version, count=COUNT, bars=2, seed=7),
        model_sha256=card.sha256,
        failed=0,
    )


class Gallery:
    """One owner with a queue of his own, and one trainer."""

    def __init__(self, database: Database, version: str) -> None:
        self.database = database
        self.owner = uuid4().hex
        self.queue = f"test.{self.owner}"
        self.worker_id = uuid4()
        self.version = version

    async def generate(self, notes: list[Note] = NOTES, *, sha256: str = "0" * 64) -> Job:
        """A job with its melodies, whose worker has not said that it is over."""
        request = GenerationRequest(model=self.version, count=COUNT, bars=2, seed=7)
        order = Order(owner=self.owner, request=request, posted=request, queue="nobody's")
        melodies = [_melody(self.version, sha256, index, notes) for index in range(COUNT)]
        async with self.database.transaction() as connection:
            job = await Jobs(connection).accept(order)
            await Melodies(connection).add(job.id, self.owner, melodies, streamed=False)
        return job

    async def accept(self, job: Job, sha256: str, *, key: str | None = None) -> Evaluation:
        request = EvaluationRequest(job_id=job.id)
        order = Order(
            owner=self.owner,
            request=request,
            posted=request,
            queue=self.queue,
            idempotency_key=key,
        )
        async with self.database.transaction() as connection:
            return await Evaluations(connection).accept(
                order, version=self.version, model_sha256=sha256
            )

    async def get(self, evaluation: Evaluation) -> Evaluation:
        async with self.database.transaction() as connection:
            return await Evaluations(connection).get(evaluation.id, self.owner)

    async def claim(self, *, lease: timedelta = LEASE) -> Errand:
        """Claim the oldest errand; it must be there."""
        async with self.database.transaction() as connection:
            errands = Errands(connection)
            shard_id, attempt = (await errands.waiting(self.queue))[0]
            errand = await errands.claim(
                self.queue, shard_id, attempt, worker_id=self.worker_id, lease=lease
            )
        assert errand is not None
        return errand

    async def reap(self, errand: Errand) -> None:
        async with self.database.transaction() as connection:
            await Errands(connection).reap(errand.job_id, errand.shard_id, errand.attempt)


def _melody(version: str, sha256: str, index: int, notes: list[Note]) -> NewMelody:
    return NewMelody(
        index=index,
        seed=7 + index,
        model=version,
        model_sha256=sha256,
        numerics="test",
        tempo=120,
        bars=2,
        seconds=0.1,
        notes=notes,
        tokens=[1],
        midi=b"MThd",
    )
