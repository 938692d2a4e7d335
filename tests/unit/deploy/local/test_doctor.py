"""The doctor says what is there, and what is missing; he mends nothing."""

import os
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.doctor import examine
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import Folder

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


def told(settings: LocalSettings) -> tuple[int, str]:
    screen = StringIO()
    code = examine(settings, Console(file=screen, width=300))
    return code, screen.getvalue()


def test_on_a_machine_that_has_everything_nothing_is_amiss(var: Path) -> None:
    code, said = told(LocalSettings(var=var, checkpoints=CHECKPOINTS))
    assert code == 0, said
    assert "(PostgreSQL) 18." in said
    assert "Valkey server v=9." in said
    assert "does not run" in said


def test_what_is_missing_is_named_and_the_rest_is_told_all_the_same(var: Path) -> None:
    code, said = told(LocalSettings(var=var, checkpoints=var / "none"))
    assert code == 1
    assert f"no model version in {var / 'none'}" in said
    assert "(PostgreSQL) 18." in said


def test_a_stack_that_runs_is_found_by_its_address(var: Path, folder: Folder) -> None:
    folder.write("url", "http://127.0.0.1:1")
    lock = folder.lock()
    _code, said = told(LocalSettings(var=var, checkpoints=CHECKPOINTS))
    os.close(lock)
    assert "runs at http://127.0.0.1:1" in said


def test_a_folder_that_cannot_be_written_is_amiss(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        Folder(tmp_path / "file" / "var")
    code, said = told(LocalSettings(var=tmp_path / "file" / "var", checkpoints=CHECKPOINTS))
    assert code == 1
    assert "Not a directory" in said
