"""Two processes never train in one folder, and a killed process releases its lock."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.trainer.training.run_lock import AlreadyTraining, lock_run

ROOT = Path(__file__).parents[5]
PROGRAM = """
import sys
from pathlib import Path
from services.trainer.training.run_lock import lock_run

with lock_run(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, tmp_path / "run"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_the_error_of_a_locked_folder_names_the_process(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    message = (
        rf"{tmp_path}/run: process {holder.pid} is training there; stop it .* OSTINATO_CACHE_DIR"
    )
    with pytest.raises(AlreadyTraining, match=message), lock_run(tmp_path / "run"):
        pytest.fail("two processes would write the same checkpoints")


def test_a_killed_process_releases_the_lock(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    with lock_run(tmp_path / "run"):
        assert (tmp_path / "run" / "lock").read_text() == str(os.getpid())
