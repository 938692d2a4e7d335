"""The files of the repository: with git, without git, and beside files of the user."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import source

FILES = {
    "README.md",
    ".gitignore",
    "services/worker/engine.py",
    "services/web/package.json",
    "docs/api.md",
}
OF_THE_USER = {
    "song.mid",
    ".env",
    "notes/plan.txt",
    "var/url",
    "services/__pycache__/engine.pyc",
    "services/web/test-results/page.png",
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small repository that has files of a user as well."""
    for name in FILES | OF_THE_USER:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    shutil.copyfile(source.ROOT / ".gitignore", tmp_path / ".gitignore")
    monkeypatch.setattr(source, "ROOT", tmp_path)
    source.files.cache_clear()
    yield tmp_path
    source.files.cache_clear()


def git(checkout: Path, *arguments: str) -> None:
    subprocess.run(["/usr/bin/env", "git", *arguments], cwd=checkout, check=True)


def test_only_tracked_files_are_checked(checkout: Path) -> None:
    git(checkout, "init", "--quiet")
    git(checkout, "add", *FILES)
    (checkout / "docs/new.md").touch()
    assert set(map(str, source.files())) == FILES
    (checkout / "README.md").unlink()
    source.files.cache_clear()
    assert set(map(str, source.files())) == FILES - {"README.md"}


@pytest.mark.parametrize("parent_is_a_repository", [False, True])
def test_in_an_unpacked_archive_files_are_found_by_their_folder_and_gitignore(
    checkout: Path, *, parent_is_a_repository: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parent_is_a_repository:
        archive = checkout / "downloads" / "ostinato"
        shutil.copytree(checkout, archive, ignore=shutil.ignore_patterns("downloads"))
        git(checkout, "init", "--quiet")
        monkeypatch.setattr(source, "ROOT", archive)
    assert set(map(str, source.files())) == FILES
