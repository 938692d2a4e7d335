"""Directories of terminal jobs and abandoned caches are removed; all others are kept."""

import os
from pathlib import Path
from uuid import uuid4

from ostinato.schemas.jobs import JobKind
from services.trainer.cleanup import WorkdirCleaner
from services.trainer.data.atomic_folder import MIN_AGE_SECONDS
from services.trainer.ipc.workdir import create_attempt_dir, jobs_dir
from services.trainer.publishing.checkpoint_folder import staging_dir
from shared.db.database import Database
from shared.db.retention.job_deletion import delete_job, finish_purge
from tests.support.trainings import TrainingFixture


async def test_only_the_directories_of_terminal_jobs_are_removed(
    database: Database, tmp_path: Path
) -> None:
    trainings = TrainingFixture(database)
    cache_dir, checkpoints_dir = tmp_path / "cache", tmp_path / "checkpoints"
    queued, cancelled, deleted = [await trainings.create() for _ in range(3)]
    for training in (cancelled, deleted):
        await trainings.cancel(training)
    async with database.transaction() as connection:
        await delete_job(connection, deleted.id, trainings.owner, JobKind.TRAINING)
        await finish_purge(connection, [deleted.id])
    unknown_job_id = uuid4()
    for job_id in (queued.id, cancelled.id, deleted.id, unknown_job_id):
        create_attempt_dir(cache_dir, job_id, 1)
        (staging_dir(checkpoints_dir) / f"{job_id}-1").mkdir(parents=True)
    (staging_dir(checkpoints_dir) / "not named after a job").mkdir()
    await WorkdirCleaner(database, cache_dir=cache_dir, checkpoints_dir=checkpoints_dir).clean()
    kept = {str(queued.id), str(unknown_job_id)}
    assert {path.name for path in jobs_dir(cache_dir).iterdir()} == kept
    assert {path.name for path in staging_dir(checkpoints_dir).iterdir()} == {
        *(f"{job_id}-1" for job_id in kept),
        "not named after a job",
    }


async def test_half_written_caches_are_removed_after_a_minute(
    database: Database, tmp_path: Path
) -> None:
    for name in ("old", "new"):
        (tmp_path / "datasets" / f".unfinished-{name}").mkdir(parents=True)
    (tmp_path / "datasets" / "complete").mkdir()
    old = (tmp_path / "datasets" / ".unfinished-old").stat().st_mtime - MIN_AGE_SECONDS - 1
    os.utime(tmp_path / "datasets" / ".unfinished-old", (old, old))
    cleaner = WorkdirCleaner(database, cache_dir=tmp_path, checkpoints_dir=tmp_path / "none")
    await cleaner.clean()
    assert {path.name for path in (tmp_path / "datasets").iterdir()} == {
        *(".unfinished-new", "complete")
    }
