"""The owners of the jobs in a queue of the trainer take turns."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.schemas.datasets import Dataset, DatasetImportRequest
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.notes import Note
from services.trainer.jobs.dataset_import import DatasetImportHandler
from services.trainer.jobs.engraving import EngravingHandler
from services.trainer.jobs.handler import JobHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.settings import StoragePaths
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.engravings import Engravings
from shared.ids import new_id
from shared.outbox_publisher import OutboxPublisher
from shared.worker_identity import WorkerIdentity

NUM_JOBS = 20


async def add_engraving(database: Database, owner: str, queue: str) -> None:
    request = EngravingRequest(notes=[Note(0, 480, 60, 80)])
    job = NewJob(owner=owner, request=request, original_request=request, queue=queue)
    async with database.transaction() as connection:
        await Engravings(connection).create(job)


async def add_import(database: Database, owner: str, queue: str) -> None:
    request = DatasetImportRequest(name="mine", sha256="0")
    job = NewJob(owner=owner, request=request, original_request=request, queue=queue)
    dataset = Dataset(
        id=job.job_id,
        name="mine",
        sha256="0",
        num_bytes=1,
        num_files=1,
        created_at=datetime.now(UTC),
    )
    async with database.transaction() as connection:
        await Datasets(connection).add(owner, dataset)
        await JobStore(connection).insert(job)


async def start_trainer(
    handler: JobHandler, database: Database, publisher: OutboxPublisher
) -> JobRunner:
    """A trainer that has claimed its first job."""
    identity = WorkerIdentity(id=new_id(), name="test", lease_duration=timedelta(seconds=60))
    runner = JobRunner(handler, database, publisher, identity)
    await runner.claim_next()
    return runner


@pytest.mark.parametrize(
    ("handler_class", "add"),
    [(EngravingHandler, add_engraving), (DatasetImportHandler, add_import)],
)
async def test_the_only_job_of_an_owner_is_claimed_second_at_the_latest(
    database: Database,
    streams: EventStreams,
    publisher: OutboxPublisher,
    tmp_path: Path,
    handler_class: type[JobHandler],
    add: Callable[[Database, str, str], Awaitable[None]],
) -> None:
    queue, many, one = f"test.{uuid4()}", uuid4().hex, uuid4().hex
    for _ in range(NUM_JOBS):
        await add(database, many, queue)
    await add(database, one, queue)
    paths = StoragePaths(
        cache_dir=tmp_path, datasets_dir=None, checkpoints_dir=tmp_path, storage_url=str(tmp_path)
    )
    handler = handler_class(database, streams, paths)
    handler.queue = queue  # type: ignore[assignment]  # no other test uses it
    trainers = [await start_trainer(handler, database, publisher) for _ in range(2)]
    claimed = [trainer.job.owner for trainer in trainers if trainer.job is not None]
    for trainer in trainers:
        await trainer.drain(0)
    assert len(claimed) == 2
    assert one in claimed
