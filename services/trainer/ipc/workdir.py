"""Attempt directories of jobs below the cache; no two attempts share a file.

The number of the attempt is the fencing token of the claim. A stale attempt, whose lease was lost,
writes to its own directory, which is no longer read.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

INCOMPLETE = "incomplete"
"""Name of the first inherited file until all other files are linked."""

JOBS_DIR_0_1_0 = "errands"
"""Name of the jobs directory in release 0.1.0."""


def jobs_dir(cache_dir: Path) -> Path:
    """The directory that contains all job directories."""
    return cache_dir / "jobs"


def migrate_jobs_dir(cache_dir: Path) -> None:
    """Rename the jobs directory of release 0.1.0, so that its paused trainings resume."""
    if not jobs_dir(cache_dir).exists():
        with suppress(FileNotFoundError):
            (cache_dir / JOBS_DIR_0_1_0).rename(jobs_dir(cache_dir))


def attempt_dir(cache_dir: Path, job_id: UUID, attempt: int) -> Path:
    """The directory of an attempt."""
    return jobs_dir(cache_dir) / str(job_id) / str(attempt)


def create_attempt_dir(
    cache_dir: Path, job_id: UUID, attempt: int, inherited: Sequence[str] = ()
) -> Path:
    """Create the directory of an attempt, and remove those of earlier attempts.

    `inherited` names files that the attempt inherits from the latest attempt that has the first of
    them; the others are useless without it. The files are hard-linked, which is safe because a file
    is only ever replaced and never written to.
    """
    folder = attempt_dir(cache_dir, job_id, attempt)
    job_dir = folder.parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folders = sorted(job_dir.iterdir(), key=_number)
    earlier = [path for path in folders if _number(path) < attempt]
    for other in reversed(earlier):
        if inherited and (other / inherited[0]).exists():
            _link(other, folder, inherited)
            break
    for other in earlier:
        shutil.rmtree(other, ignore_errors=True)
    return folder


def _link(earlier: Path, folder: Path, names: Sequence[str]) -> None:
    """Link the first file first and give it its name last.

    The other files are therefore at least as new as the first one.
    """
    first, *others = names
    os.link(earlier / first, folder / INCOMPLETE)
    for name in others:
        if (earlier / name).exists():
            os.link(earlier / name, folder / name)
    (folder / INCOMPLETE).rename(folder / first)


def _number(attempt: Path) -> int:
    return int(attempt.name)
