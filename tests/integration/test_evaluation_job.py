"""Evaluation jobs on the real PostgreSQL and with the real child program."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from ostinato.schemas.cards import BaseRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.evaluations import Evaluation
from ostinato.schemas.events import ProgressEvent
from ostinato.schemas.jobs import JobKind, JobState
from ostinato.schemas.models import ModelCard
from services.trainer.data.dataset import load_dataset
from services.trainer.data.pieces_file import load_pieces
from services.trainer.data.uploads import unpack_upload
from services.trainer.evaluation.held_out import score_held_out
from services.trainer.ipc.workdir import attempt_dir
from services.trainer.publishing.checkpoint_folder import with_evaluation, write_card
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.model_versions import ModelVersions
from shared.db.retention.job_deletion import delete_job
from shared.db.tables.model_tables import models
from shared.db.trainer.evaluations import Evaluations
from shared.midi.writer import write_midi
from shared.models.checkpoints import WEIGHTS, InvalidCheckpoint, load_weights, read_card
from shared.outbox_publisher import OutboxPublisher
from shared.storage.blobs import Blobs
from shared.tokenizers.tokenizer import load_tokenizer
from tests.support.evaluation_jobs import HELD_OUT, EvaluationJobFixture, evaluated
from tests.support.evaluations import (
    COUNT,
    NOTES,
    EvaluationFixture,
    recipe_record,
    sample_evaluation,
)
from tests.support.jobs import EXPIRED
from tests.support.midi import random_midi, zip_of, zip_of_random_midis
from tests.support.trainer.job_runner import until


@pytest.fixture
async def fixture(
    database: Database, streams: EventStreams, publisher: OutboxPublisher, tmp_path: Path
) -> AsyncIterator[EvaluationJobFixture]:
    fixture = EvaluationJobFixture(database, streams, publisher, tmp_path)
    yield fixture
    await fixture.runner.drain(0)


async def test_an_evaluation_measures_samples_and_weights_and_reports_its_progress(
    fixture: EvaluationJobFixture, streams: EventStreams, tmp_path: Path
) -> None:
    dataset_id = fixture.upload(zip_of_random_midis(12))
    card = fixture.write_checkpoint_trained_on(dataset_id)
    evaluation = await fixture.evaluate(card.sha256)
    assert (evaluation.state, evaluation.error) == (JobState.SUCCEEDED, None)
    assert_samples_are_described(evaluation, card)
    await assert_card_is_written(fixture, evaluation)
    found = read_card(fixture.folder).evaluation
    expected = score_by_the_current_code(fixture, dataset_id, tmp_path)
    assert found.model_copy(update={"samples": None}) == expected
    assert found.nats_per_note != card.evaluation.nats_per_note
    await assert_progress_is_published(evaluation, streams)


def assert_samples_are_described(evaluation: Evaluation, card: ModelCard) -> None:
    samples = evaluation.samples
    assert samples is not None
    assert (samples.num_pieces, samples.num_failed, samples.num_silent) == (COUNT, 0, 0)
    assert (samples.request.seed, samples.model_sha256) == (7, card.sha256)
    assert samples.features["notes_per_bar"].samples_mean == len(NOTES) / 3


async def assert_card_is_written(fixture: EvaluationJobFixture, evaluation: Evaluation) -> None:
    on_disk, in_database = read_card(fixture.folder), await fixture.registered()
    assert on_disk.evaluation.samples == evaluation.samples
    assert in_database.evaluation == on_disk.evaluation
    assert in_database.sha256 == on_disk.sha256


def score_by_the_current_code(
    fixture: EvaluationJobFixture, dataset_id: UUID, folder: Path
) -> EvaluationRecord:
    """The likelihood of the held-out pieces under the weights of the checkpoint."""
    with unpack_upload(Blobs(fixture.paths.storage_url), dataset_id, "tunes", folder) as (
        source,
        _,
    ):
        dataset = load_dataset(source, folder)
    network, tokenizer = load_weights(fixture.folder), load_tokenizer(fixture.folder)
    return score_held_out(network, [dataset], tokenizer, 32, infill=False)


async def assert_progress_is_published(evaluation: Evaluation, streams: EventStreams) -> None:
    events = [
        event for event in await streams.read(evaluation.id, 0) if isinstance(event, ProgressEvent)
    ]
    stages = dict.fromkeys(event.stage for event in events)
    assert list(stages) == [
        "Parsing MIDI",
        "Comparing 3 melodies with the training music",
        "Scoring tunes",
    ]
    assert [event.progress for event in events if event.stage == "Scoring tunes"][::100] == [0.0]
    assert events[-1].progress == 1.0


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


async def test_a_cancelled_evaluation_changes_no_card(fixture: EvaluationJobFixture) -> None:
    card = fixture.write_checkpoint()
    generation = await fixture.evaluations.add_generation()
    evaluation = await fixture.evaluations.create(generation, card.sha256)
    job = await fixture.evaluations.claim()
    async with fixture.evaluations.database.transaction() as connection:
        await Evaluations(connection).cancel(evaluation.id, fixture.evaluations.owner)
    await fixture.handler.complete(job, evaluated(sample_evaluation(card, generation.id)))
    found = await fixture.evaluations.get(evaluation)
    assert (found.state, found.samples) == (JobState.CANCELLED, None)
    assert read_card(fixture.folder) == card


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


async def test_only_admins_and_owners_of_private_versions_change_a_card(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint()
    database = fixture.evaluations.database

    async def is_written(version_owner: str | None, *, by_admin: bool) -> bool:
        fixture.write_checkpoint()
        async with database.transaction() as connection:
            await ModelVersions(connection).register(card)
            owned = update(models).where(models.c.version == card.version)
            await connection.execute(owned.values(owner=version_owner))
        evaluation = await fixture.complete(card, num_pieces=COUNT, by_admin=by_admin)
        assert evaluation.samples is not None
        on_disk = read_card(fixture.folder).evaluation.samples == evaluation.samples
        assert ((await fixture.registered()).evaluation.samples == evaluation.samples) is on_disk
        return on_disk

    assert await is_written(None, by_admin=True)
    assert await is_written("another", by_admin=True)
    assert await is_written(fixture.evaluations.owner, by_admin=False)
    assert not await is_written(None, by_admin=False)
    assert not await is_written("another", by_admin=False)


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


async def has_ended(evaluations: EvaluationFixture, evaluation: Evaluation) -> bool:
    return (await evaluations.get(evaluation)).is_terminal


async def test_an_evaluation_of_a_deleted_job_fails_and_says_so(
    fixture: EvaluationJobFixture,
) -> None:
    card = fixture.write_checkpoint_trained_on(uuid4())
    evaluations = fixture.evaluations
    job = await evaluations.add_generation(sha256=card.sha256)
    evaluation = await evaluations.create(job, card.sha256)
    async with evaluations.database.transaction() as connection:
        await GenerationJobs(connection).cancel(job.id, evaluations.owner)
        await delete_job(connection, job.id, evaluations.owner, JobKind.GENERATION)
    await fixture.runner.claim_next()
    await until(lambda: has_ended(evaluations, evaluation))
    ended = await evaluations.get(evaluation)
    assert ended.error is not None
    assert (ended.state, ended.error.code) == (JobState.FAILED, "job_not_found")
    assert str(job.id) in ended.error.detail
