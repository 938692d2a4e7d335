"""A folder appears complete or not at all, even if several processes write it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.trainer.data.atomic_folder import (
    MIN_AGE_SECONDS,
    abandoned_folders,
    atomic_folder,
)

MARKER = "last.txt"


def write(folder: Path, text: str) -> None:
    with atomic_folder(folder, MARKER) as unfinished:
        (unfinished / "first.txt").write_text(text)
        (unfinished / MARKER).write_text(text)


def test_the_folder_appears_complete(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    with atomic_folder(folder, MARKER) as unfinished:
        (unfinished / MARKER).write_text("x")
        assert not folder.exists()
    assert (folder / MARKER).read_text() == "x"
    assert list(folder.parent.iterdir()) == [folder]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "folder", MARKER):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_complete_folder_of_another_process_is_kept(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "folder", MARKER) as unfinished:
        (unfinished / MARKER).write_text("slow")
        write(tmp_path / "folder", "fast")
    assert (tmp_path / "folder" / MARKER).read_text() == "fast"


def test_an_incomplete_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "first.txt").write_text("half")
    write(tmp_path / "folder", "whole")
    assert (tmp_path / "folder" / "first.txt").read_text() == "whole"


def test_a_file_with_the_name_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(OSError, match="folder"):
        write(tmp_path / "folder", "x")


KILLED_WRITER = """
import os, sys
from pathlib import Path
from services.trainer.data.atomic_folder import atomic_folder

with atomic_folder(Path(sys.argv[1]) / "folder", "last.txt"):
    os.kill(os.getpid(), 9)
"""


def age(path: Path) -> None:
    """Let the folder look as if it was created before the minimum age."""
    created = path.stat().st_mtime - MIN_AGE_SECONDS - 1
    os.utime(path, (created, created))


def test_only_a_folder_whose_writer_was_killed_is_abandoned(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED_WRITER, str(tmp_path)], check=False)
    [killed] = tmp_path.glob(".unfinished-*")
    assert abandoned_folders(tmp_path) == [], "it may be so new that it is not locked yet"
    with atomic_folder(tmp_path / "other", MARKER) as unfinished:
        (unfinished / MARKER).write_text("x")
        age(killed)
        age(unfinished.parent)
        assert abandoned_folders(tmp_path) == [killed]
