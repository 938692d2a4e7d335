"""Uploads and caches that no data set needs are removed; all others are kept."""

import os
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.trainer import storage_sweep
from services.trainer.storage_sweep import MIN_AGE, StorageSweep
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import OutboxPublisher
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from tests.support.trainer.blobs import put
from tests.support.trainer.job_runner import RunnerFixture
from tests.support.trainings import TrainingFixture


@pytest.fixture
def fixture(
    database: Database, streams: EventStreams, publisher: OutboxPublisher, tmp_path: Path
) -> RunnerFixture:
    return RunnerFixture(TrainingFixture(database), streams, publisher, tmp_path)


def sweep_of(fixture: RunnerFixture) -> StorageSweep:
    paths = fixture.paths
    return StorageSweep(
        fixture.jobs.database, storage_url=paths.storage_url, cache_dir=paths.cache_dir
    )


def make_old(path: Path) -> None:
    seconds = path.stat().st_mtime - MIN_AGE.total_seconds() - 1
    os.utime(path, (seconds, seconds))


async def end(fixture: RunnerFixture, dataset_id: UUID, state: str) -> None:
    async with fixture.jobs.database.transaction() as connection:
        for change in ("running", state):
            await connection.execute(
                text("UPDATE jobs SET state = :state WHERE id = :id"),
                {"state": change, "id": dataset_id},
            )


async def test_only_uploads_without_a_usable_data_set_are_removed(
    fixture: RunnerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_sweep, "PAGE_SIZE", 2)
    ready, rejected, processing = [await fixture.add_job("tunes") for _ in range(3)]
    await end(fixture, ready, "succeeded")
    await end(fixture, rejected, "failed")
    orphan, young_orphan = uuid4(), uuid4()
    blobs = Blobs(fixture.paths.storage_url)
    written = [
        *map(dataset_key, (ready, rejected, processing, orphan, young_orphan)),
        f"{dataset_key(uuid4())}.unfinished",
        "datasets/of another program.zip",
    ]
    for key in written:
        put(blobs, key, BytesIO(b"music"))
        if key != dataset_key(young_orphan):
            make_old(Path(fixture.paths.storage_url) / key)
    await sweep_of(fixture).sweep()
    kept = [*map(dataset_key, (ready, processing, young_orphan)), written[-1]]
    assert sorted(blobs.keys("datasets")) == sorted(kept)


async def test_caches_of_names_that_no_data_set_has_are_removed(fixture: RunnerFixture) -> None:
    await fixture.add_job("in-use")
    names = ("in-use-0123", "deleted-0123", "music21-0123", "folk-0123", "young-0123")
    for name in names:
        folder = fixture.paths.cache_dir / "tokens" / name
        folder.mkdir(parents=True)
        (folder / "index.json").touch()
        if name != "young-0123":
            make_old(folder)
    await sweep_of(fixture).sweep()
    kept = {path.name for path in (fixture.paths.cache_dir / "tokens").iterdir()}
    assert kept == set(names) - {"deleted-0123"}
