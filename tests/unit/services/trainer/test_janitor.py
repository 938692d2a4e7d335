"""What errands leave behind goes once their jobs are over; everything else stays."""

import os
from pathlib import Path
from uuid import uuid4

from services.trainer.cleanup import STALE_SECONDS, Janitor
from services.trainer.ipc.workdir import begin_attempt
from services.trainer.publishing.checkpoint_folder import incoming_under
from shared.db.database import Database
from tests.lessons import Class


async def test_the_folders_of_ended_jobs_are_removed_and_no_others(
    database: Database, tmp_path: Path
) -> None:
    lesson, home, checkpoints = Class(database), tmp_path / "home", tmp_path / "checkpoints"
    going, over = await lesson.accept(), await lesson.accept()
    await lesson.cancel(over)
    elsewhere = uuid4()
    for job_id in (going.id, over.id, elsewhere):
        begin_attempt(home, job_id, 1)
        (incoming_under(checkpoints) / f"{job_id}-1").mkdir(parents=True)
    (incoming_under(checkpoints) / "not ours").mkdir()
    await Janitor(database, home=home, checkpoints=checkpoints).step()
    kept = {str(going.id), str(elsewhere)}
    assert {path.name for path in (home / "errands").iterdir()} == kept
    assert {path.name for path in incoming_under(checkpoints).iterdir()} == {
        *(f"{job_id}-1" for job_id in kept),
        "not ours",
    }


async def test_caches_that_nobody_finished_go_after_a_day(
    database: Database, tmp_path: Path
) -> None:
    for name in ("old", "new"):
        (tmp_path / "datasets" / f".unfinished-{name}").mkdir(parents=True)
    (tmp_path / "datasets" / "whole").mkdir()
    old = (tmp_path / "datasets" / ".unfinished-old").stat().st_mtime - STALE_SECONDS - 1
    os.utime(tmp_path / "datasets" / ".unfinished-old", (old, old))
    await Janitor(database, home=tmp_path, checkpoints=tmp_path / "none").step()
    assert {path.name for path in (tmp_path / "datasets").iterdir()} == {
        *(".unfinished-new", "whole")
    }
