"""Two processes never train in one folder, and whoever is killed keeps it from nobody."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.trainer.training.run_lock import AlreadyTraining, locked

ROOT = Path(__file__).parents[4]
PROGRAM = """
import sys
from pathlib import Path
from services.trainer.training.run_lock import locked

with locked(Path(sys.argv[1])):
    print("taken", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, tmp_path / "run"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        yield process
        process.kill()


def test_a_folder_that_another_process_has_is_refused_with_its_number(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    words = rf"{tmp_path}/run: process {holder.pid} trains there; stop it .* OSTINATO_HOME"
    with pytest.raises(AlreadyTraining, match=words), locked(tmp_path / "run"):
        pytest.fail("two processes would write the same checkpoints")


def test_a_process_that_is_killed_lets_go(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    with locked(tmp_path / "run"):
        assert (tmp_path / "run" / "lock").read_text() == str(os.getpid())
