"""Evaluation jobs on the real PostgreSQL and with the real child program."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ostinato.schemas.cards import BaseRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.evaluations import Evaluation, SampleEvaluation
from ostinato.schemas.jobs import JobState
from ostinato.schemas.models import ModelCard, ModelVersion
from ostinato.schemas.trainings import TrainingRequest
from services.trainer.data.dataset import load_dataset
from services.trainer.data.pieces_file import load_pieces
from services.trainer.data.uploads import unpack_upload
from services.trainer.evaluation.held_out import score_held_out
from services.trainer.ipc.messages import Evaluated
from services.trainer.ipc.workdir import attempt_dir
from services.trainer.jobs.evaluation import EvaluationHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.publishing.checkpoint_folder import with_evaluation, write_card
from services.trainer.settings import StoragePaths
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.midi.writer import write_midi
from shared.models.checkpoints import WEIGHTS, InvalidCheckpoint, load_weights, read_card
from shared.outbox_publisher import OutboxPublisher
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from shared.tokenizers.tokenizer import load_tokenizer
from shared.worker_identity import WorkerIdentity
from tests.support.evaluations import (
    COUNT,
    NOTES,
    EvaluationFixture,
    recipe_record,
    sample_evaluation,
    write_checkpoint,
)
from tests.support.jobs import EXPIRED
from tests.support.midi import random_midi, zip_of, zip_of_random_midis

HELD_OUT = EvaluationRecord(nats_per_note=2.5)


def evaluated(samples: SampleEvaluation) -> Evaluated:
    """A possible result of the child program."""
    return Evaluated(samples=samples, held_out=HELD_OUT)


class EvaluationJobFixture:
    """Evaluations with a job runner, over the test's own folders."""

    def __init__(self, database: Database, publisher: OutboxPublisher, folder: Path) -> None:
        self.evaluations = EvaluationFixture(database, f"v-{uuid4()}")
        self.paths = StoragePaths(
            cache_dir=folder / "cache",
            datasets_dir=None,
            checkpoints_dir=folder / "checkpoints",
            storage_url=str(folder / "blobs"),
        )
        self.handler = EvaluationHandler(database, self.paths)
        self.handler.queue = self.evaluations.queue  # type: ignore[assignment]  # the test's own
        identity = WorkerIdentity(
            id=self.evaluations.worker_id, name="test", lease_duration=timedelta(seconds=60)
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
        Blobs(self.paths.storage_url).put(dataset_key(dataset_id), archive)
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

    async def complete(self, card: ModelCard, *, num_pieces: int) -> Evaluation:
        """Complete an evaluation with the result of a child that evaluated `num_pieces`."""
        generation = await self.evaluations.add_generation()
        evaluation = await self.evaluations.create(generation, card.sha256)
        samples = sample_evaluation(card, generation.id).model_copy(
            update={"num_pieces": num_pieces}
        )
        await self.handler.complete(await self.evaluations.claim(), evaluated(samples))
        return await self.evaluations.get(evaluation)


@pytest.fixture
async def fixture(
    database: Database, publisher: OutboxPublisher, tmp_path: Path
) -> AsyncIterator[EvaluationJobFixture]:
    fixture = EvaluationJobFixture(database, publisher, tmp_path)
    yield fixture
    await fixture.runner.drain(0)


async def test_the_result_is_in_the_card_on_disk_and_in_the_database(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint_trained_on(fixture.upload(zip_of_random_midis(12)))
    evaluation = await fixture.evaluate(card.sha256)
    assert (evaluation.state, evaluation.error) == (JobState.SUCCEEDED, None)
    samples = evaluation.samples
    assert samples is not None
    assert (samples.num_pieces, samples.num_failed, samples.num_silent) == (COUNT, 0, 0)
    assert (samples.request.seed, samples.model_sha256) == (7, card.sha256)
    assert samples.features["notes_per_bar"].samples_mean == len(NOTES) / 3
    on_disk, in_database = read_card(fixture.folder), await fixture.registered()
    assert on_disk.evaluation.samples == samples
    assert in_database.evaluation == on_disk.evaluation
    assert in_database.sha256 == on_disk.sha256 == card.sha256


async def test_the_current_weights_are_scored_on_held_out_music_by_the_current_code(
    fixture: EvaluationJobFixture, tmp_path: Path
) -> None:
    dataset_id = fixture.upload(zip_of_random_midis(12))
    card = fixture.write_checkpoint_trained_on(dataset_id)
    assert (await fixture.evaluate(card.sha256)).error is None
    with unpack_upload(Blobs(fixture.paths.storage_url), dataset_id, "tunes", tmp_path) as source:
        dataset = load_dataset(source, tmp_path)
    network, tokenizer = load_weights(fixture.folder), load_tokenizer(fixture.folder)
    expected = score_held_out(network, [dataset], tokenizer, 32, infill=False)
    found = read_card(fixture.folder).evaluation
    assert found.model_copy(update={"samples": None}) == expected
    assert found.nats_per_note != card.evaluation.nats_per_note


async def test_overlap_with_the_uploaded_data_set_of_the_base_is_found(
    fixture: EvaluationJobFixture,
) -> None:
    """The upload contains the melodies, and has the name of a data set in the catalog."""
    notes = [note._replace(start=note.start + i * 5760) for i in range(4) for note in NOTES]
    copied = write_midi(notes, tempo=120, instrument=0, bars=12)
    files = {f"{seed}.mid": random_midi(seed) for seed in range(12)} | {"copied.mid": copied}
    base_dataset_id = fixture.upload(zip_of(files))
    card = fixture.write_checkpoint_trained_on(
        fixture.upload(zip_of_random_midis(12)),
        BaseRecord(datasets=("jazz",), requested_dataset=str(base_dataset_id)),
    )
    evaluation = await fixture.evaluate(card.sha256)
    assert evaluation.error is None
    assert evaluation.samples is not None
    assert evaluation.samples.training_sets == ("tunes", "jazz")
    assert evaluation.samples.training_overlap.samples.max == len(NOTES)


async def test_a_missing_named_data_set_fails_with_the_setting_to_set(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint(TrainingRecord(recipe=recipe_record("reference-mixed")))
    evaluation = await fixture.evaluate(card.sha256)
    assert evaluation.state is JobState.FAILED
    assert evaluation.error is not None
    assert evaluation.error.code == "dataset_not_found"
    assert "OSTINATO_DATASETS_DIR is not set" in evaluation.error.detail
    assert read_card(fixture.folder) == card


async def test_an_evaluation_fails_if_the_weights_no_longer_exist(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint(TrainingRecord(recipe=recipe_record("music21")))
    evaluation = await fixture.evaluate("f" * 64)
    assert evaluation.error is not None
    assert evaluation.error.code == "invalid_checkpoint"
    assert f"{card.version} with weights ffff" in evaluation.error.detail


async def test_the_card_is_not_written_if_the_weights_were_replaced_during_the_evaluation(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint()
    generation = await fixture.evaluations.add_generation()
    evaluation = await fixture.evaluations.create(generation, card.sha256)
    job = await fixture.evaluations.claim()
    (fixture.folder / WEIGHTS).write_bytes(b"others")
    before = (fixture.folder / "card.json").read_bytes()
    with pytest.raises(InvalidCheckpoint, match="SHA-256"):
        await fixture.handler.complete(job, evaluated(sample_evaluation(card, generation.id)))
    assert (fixture.folder / "card.json").read_bytes() == before
    assert (await fixture.evaluations.get(evaluation)).samples is None


async def test_measurements_of_fewer_samples_are_stored_but_do_not_replace_the_card(
    fixture: EvaluationJobFixture,
) -> None:
    """The held-out likelihood in the card is replaced in any case."""
    card = fixture.write_checkpoint()
    more = await fixture.complete(card, num_pieces=COUNT)
    fewer = await fixture.complete(card, num_pieces=1)
    assert more.samples is not None
    assert fewer.samples is not None
    assert [more.samples.num_pieces, fewer.samples.num_pieces] == [3, 1]
    assert fewer.state is JobState.SUCCEEDED
    evaluation = read_card(fixture.folder).evaluation
    assert evaluation.samples == more.samples
    assert evaluation.nats_per_note == HELD_OUT.nats_per_note
    assert (await fixture.registered()).evaluation == evaluation


async def test_an_evaluation_waits_while_another_updates_the_card(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint()
    samples = sample_evaluation(card, uuid4())
    other = with_evaluation(card, card.evaluation.model_copy(update={"samples": samples}))
    async with fixture.evaluations.database.transaction() as connection:
        await ModelVersions(connection).register(card)
    async with fixture.evaluations.database.transaction() as connection:
        await ModelVersions(connection).lock(card.version, card.sha256)
        task = asyncio.create_task(fixture.complete(card, num_pieces=1))
        await asyncio.sleep(0.3)
        assert not task.done()
        await ModelVersions(connection).register(other)
        write_card(other, fixture.folder)
    await task
    expected = HELD_OUT.model_copy(update={"samples": samples})
    assert read_card(fixture.folder) == with_evaluation(other, expected)


async def test_a_stale_attempt_writes_nothing_and_the_current_attempt_writes_once(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint()
    generation = await fixture.evaluations.add_generation()
    evaluation = await fixture.evaluations.create(generation, card.sha256)
    stale = await fixture.evaluations.claim(lease_duration=EXPIRED)
    spec = await fixture.handler.prepare(stale, lease_deadline=1.0)
    assert (spec.generation_request, spec.model_sha256) == (generation.request, card.sha256)
    folder = attempt_dir(fixture.paths.cache_dir, evaluation.id, stale.attempt)
    assert [notes.tolist() for notes in load_pieces(folder)] == [
        [list(note) for note in NOTES]
    ] * COUNT
    await fixture.evaluations.reap(stale)
    current = await fixture.evaluations.claim()
    result = evaluated(sample_evaluation(card, generation.id))
    await fixture.handler.complete(stale, result)
    assert read_card(fixture.folder) == card
    assert (await fixture.evaluations.get(evaluation)).state is JobState.RUNNING
    await fixture.handler.complete(current, result)
    assert read_card(fixture.folder).evaluation.samples == result.samples
    done = await fixture.evaluations.get(evaluation)
    assert (done.state, done.samples) == (JobState.SUCCEEDED, result.samples)
