"""The upgrade of a database of release 0.1.0 loses nothing.

data/README.md describes the dump and how it was made.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from deploy.local.stack import Stack
from ostinato.schemas.datasets import DatasetReport, DatasetState
from ostinato.schemas.events import JobEvent, MelodyEvent
from ostinato.schemas.jobs import JobKind, JobState
from ostinato.schemas.models import ModelCard
from ostinato.schemas.trainings import TrainingRequest
from shared.broker.celery_client import TaskSender
from shared.broker.notifier import QueueNotifier
from shared.broker.queues import Queue, TrainerQueue
from shared.broker.streams import EventStreams
from shared.card_migration import card_from_0_1_0, dataset_report_from_0_1_0
from shared.db.api_keys import ALL_SCOPES, ApiKeys
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.job_store import JobStore
from shared.db.melodies import Melodies, read_midi
from shared.db.migrations.migrate import migrate
from shared.db.model_versions import ModelVersions
from shared.db.new_job import NewJob
from shared.db.primers import Primers
from shared.db.tables import metadata
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.engravings import Engravings
from shared.db.trainer.evaluations import Evaluations
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.db.trainer.trainings import Trainings
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import JobFixture, new_worker
from tests.support.servers.databases import create_database, run_script

DATA = Path(__file__).parent / "data"
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text())
KINDS = {"reading": JobKind.DATASET_IMPORT}
NAMES = """
    SELECT conrelid::regclass || ' ' || conname FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION SELECT tablename || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgfoid::regproc
    FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.fixture(scope="session")
def upgraded_url(backends: Stack) -> str:
    """A database of release 0.1.0 after its upgrade; tests must not change it."""
    return asyncio.run(restore_and_migrate(backends))


@pytest.fixture
async def upgraded(upgraded_url: str) -> AsyncIterator[Database]:
    database = Database(upgraded_url, pool_size=2)
    yield database
    await database.close()


async def restore_and_migrate(backends: Stack) -> str:
    url = await create_database(backends)
    await run_script(url, (DATA / "database.sql").read_text())
    await migrate(url)
    return url


def jobs_of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [job for job in EXPECTED["jobs"] if job["kind"] in kinds]


def named(what: str) -> dict[str, Any]:
    return next(job for job in EXPECTED["jobs"] if job["what"] == what)


def schema_difference(connection: Connection) -> list[object]:
    difference: list[object] = compare_metadata(MigrationContext.configure(connection), metadata)
    return difference


async def test_the_upgraded_schema_is_that_of_a_new_database(
    upgraded: Database, database: Database
) -> None:
    async with upgraded.transaction() as old, database.transaction() as new:
        assert await old.run_sync(schema_difference) == []
        assert set(await old.scalars(text(NAMES))) == set(await new.scalars(text(NAMES)))


async def test_no_row_is_lost(upgraded: Database) -> None:
    renamed = {"points": "training_metrics"}
    async with upgraded.transaction() as connection:
        for table, count in EXPECTED["rows"].items():
            query = text(f"SELECT count(*) FROM {renamed.get(table, table)}")  # noqa: S608
            assert await connection.scalar(query) == count, table


async def test_jobs_of_every_kind_keep_their_status(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        for job in EXPECTED["jobs"]:
            status = await JobStore(connection).status(UUID(job["id"]), job["owner"])
            assert status.kind == KINDS.get(job["kind"], job["kind"])
            assert (status.state, status.pause_count) == (job["state"], job["pauses"])


async def test_generation_jobs_keep_request_and_counts(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        for expected in jobs_of_kind("generation"):
            job = await GenerationJobs(connection).get(UUID(expected["id"]), expected["owner"])
            request = job.request.model_dump(mode="json", exclude_none=True)
            assert request == expected["request"]
            for count in ("succeeded", "failed", "cancelled"):
                assert getattr(job, count) == expected[count]
            error = expected["error"] and expected["error"] | {"code": "invalid_primer"}
            assert (job.error and job.error.model_dump()) == error


def assert_one_track_in_common_time(melody: dict[str, Any]) -> None:
    [track] = melody["tracks"]
    assert (melody["track"], track["is_drum"], track["notes"]) == (0, False, melody["notes"])
    assert melody["tempos"] == [[0, melody["tempo"]]]
    assert melody["bar_positions"] == [[1920 * bar, 1920, 4, 4] for bar in range(melody["bars"])]


async def test_melodies_keep_their_bytes(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        melodies = Melodies(connection)
        for expected in EXPECTED["melodies"]:
            melody_id, owner = UUID(expected["id"]), expected["owner"]
            melody = (await melodies.get(melody_id, owner)).model_dump(mode="json")
            for name in expected.keys() - {"owner", "midi_sha256"}:
                assert melody[name] == expected[name]
            assert_one_track_in_common_time(melody)
            midi = await read_midi(connection, melody_id, owner)
            assert hashlib.sha256(midi).hexdigest() == expected["midi_sha256"]
            assert melody["lowest_pitch"] == min(note[2] for note in melody["notes"])


async def test_api_keys_are_valid_unless_revoked(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        for expected in EXPECTED["api_keys"]:
            key = await ApiKeys(connection).find(expected["key"])
            assert (key is None) is expected["revoked"]
            assert key is None or (key.owner, key.scopes) == (expected["owner"], ALL_SCOPES)


async def test_primers_are_found(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        for expected in EXPECTED["primers"]:
            primer_id = UUID(expected["id"])
            facts = await Primers(connection).facts({primer_id}, expected["owner"])
            assert facts[primer_id].bars == expected["bars"]


async def test_models_stay_promoted_and_have_new_cards(upgraded: Database) -> None:
    trained = card_from_0_1_0(json.loads((DATA / "card.json").read_text()))
    async with upgraded.transaction() as connection:
        models = {model.version: model for model in await ModelVersions(connection).list_versions()}
        capabilities = await ModelVersions(connection).capabilities()
    for expected in EXPECTED["models"]:
        model = models[expected["version"]]
        assert model.sha256 == expected["sha256"]
        assert (model.promoted_at is not None) is expected["promoted"]
        assert capabilities[None][model.version] == model.capabilities
    card = ModelCard.model_validate(
        models["tunes-1"].model_dump(include=set(ModelCard.model_fields))
    )
    assert card == ModelCard.model_validate(trained)


async def test_data_sets_keep_their_reports(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        for expected in EXPECTED["datasets"]:
            dataset = await Datasets(connection).get(UUID(expected["id"]), expected["owner"])
            assert (dataset.name, dataset.sha256) == (expected["name"], expected["sha256"])
            assert (dataset.num_bytes, dataset.num_files) == (expected["size"], expected["files"])
            report = expected["report"] and dataset_report_from_0_1_0(expected["report"])
            assert dataset.report == (report and DatasetReport.model_validate(report))
            state = DatasetState.READY if report else DatasetState.PROCESSING
            assert dataset.state is state


async def test_trainings_keep_request_and_metrics(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        for expected in jobs_of_kind("training"):
            training = await Trainings(connection).get(UUID(expected["id"]), expected["owner"])
            request = expected["request"]
            assert training.request.version == request["version"]
            assert training.request.overrides.batch_size == request["overrides"]["batch"]
            steps = [
                point["step"] for point in EXPECTED["points"] if point["job_id"] == expected["id"]
            ]
            metrics = await Trainings(connection).metrics(training.id, after=0, limit=9)
            assert [point.step for point in metrics] == steps
            assert all(point.preview_notes for point in metrics)


async def test_the_idempotency_key_of_a_training_still_belongs_to_its_request(
    upgraded: Database,
) -> None:
    async with upgraded.transaction() as connection:
        for expected in jobs_of_kind("training"):
            training = await Trainings(connection).get(UUID(expected["id"]), expected["owner"])
            hashes = text("SELECT request_sha256 FROM jobs WHERE id = :id")
            assert await connection.scalar(hashes, {"id": training.id}) == (
                new_job(training.request, expected["owner"]).request_sha256
            )


def new_job(request: TrainingRequest, owner: str) -> NewJob[TrainingRequest]:
    return NewJob(owner=owner, request=request, original_request=request, queue=TrainerQueue.TRAIN)


async def test_evaluations_and_engravings_keep_their_results(upgraded: Database) -> None:
    evaluation, engraving = EXPECTED["evaluation"], EXPECTED["engraving"]
    async with upgraded.transaction() as connection:
        found = await Evaluations(connection).get(UUID(evaluation["id"]), "alice")
        musicxml = await Engravings(connection).musicxml(UUID(engraving["id"]), "alice")
    assert found.version == evaluation["version"]
    assert found.samples is not None
    assert str(found.samples.job_id) == evaluation["judges_job"]
    assert found.samples.num_pieces == 2
    assert set(found.samples.features) >= {"polyphony", "notes_per_bar"}
    assert hashlib.sha256(musicxml.encode()).hexdigest() == engraving["musicxml_sha256"]


async def test_the_counters_of_owners_are_those_of_their_shards(upgraded: Database) -> None:
    await JobFixture(upgraded).check_counters()
    async with upgraded.connection() as connection:
        assert await connection.scalar(text("SELECT sum(paused_items) FROM owner_queues")) == 1


async def test_pending_shards_can_be_claimed_and_expired_leases_reaped(upgraded: Database) -> None:
    async with upgraded.transaction() as connection:
        trainer_jobs, worker = TrainerJobs(connection), new_worker()
        assert await trainer_jobs.claim(TrainerQueue.DATASETS, worker) is not None
        assert await trainer_jobs.claim(TrainerQueue.ENGRAVE, worker) is not None
        assert await trainer_jobs.claim(TrainerQueue.TRAIN, worker) is None, "it is paused"
        shards = GenerationShards(connection)
        for queue, count in ((Queue.INTERACTIVE, 2), (Queue.BATCH, 3)):
            claimed = await shards.claim(queue, ["mini"], worker=worker, max_items=1000)
            assert len(claimed) == count
        expired = {str(job_id) for job_id, _, _ in await shards.expired()}
    running = ("running", "cancelling", "running_training")
    assert expired == {named(what)["id"] for what in running}


async def test_pending_messages_are_published(
    backends: Stack, streams: EventStreams, task_sender: TaskSender
) -> None:
    database = Database(await restore_and_migrate(backends), pool_size=2)
    await OutboxPublisher(database, streams, QueueNotifier(task_sender)).publish_overdue(
        timedelta(0)
    )
    async with database.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM outbox")) == 0
    await database.close()
    queued = await streams.read(UUID(named("queued")["id"]), 0)
    assert [event.state for event in queued if isinstance(event, JobEvent)] == [JobState.QUEUED]
    # Without its first event, which was lost with Redis, the gateway rebuilds the whole stream
    half_done = await streams.read(UUID(named("half_done")["id"]), 0)
    assert [event for event in half_done if isinstance(event, MelodyEvent)] == []
