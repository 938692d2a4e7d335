"""The code version is the commit of the checkout, marked as dirty if files differ from it."""

import subprocess
from pathlib import Path

from services.trainer.training.code_version import current_commit


def git(folder: Path, *arguments: str) -> str:
    author = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    command = ["git", "-C", str(folder), *author, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_version_is_the_commit_of_the_checkout_and_marks_changes(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text("rows = 64\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "one")
    git(tmp_path, "tag", "v1")
    assert current_commit(tmp_path) == git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "recipe.py").write_text("rows = 16\n")
    assert current_commit(tmp_path) == git(tmp_path, "rev-parse", "HEAD") + "-dirty"


def test_the_version_is_unknown_outside_a_checkout(tmp_path: Path) -> None:
    assert current_commit(tmp_path) == "unknown"
