"""A card names the code that a run began with, and says if it was not quite that."""

import subprocess
from pathlib import Path

from services.trainer.training.code_version import current_commit


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_the_commit_that_is_checked_out_and_says_if_files_differ(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text("rows = 64\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "one")
    git(tmp_path, "tag", "v1")
    assert current_commit(tmp_path) == git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "recipe.py").write_text("rows = 16\n")
    assert current_commit(tmp_path) == git(tmp_path, "rev-parse", "HEAD") + "-dirty"


def test_outside_of_any_checkout_it_is_unknown(tmp_path: Path) -> None:
    assert current_commit(tmp_path) == "unknown"
