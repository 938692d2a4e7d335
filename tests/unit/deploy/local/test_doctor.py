"""The doctor command lists what is available and what is missing."""

import os
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.doctor import check_environment
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


def run_doctor(state_path: Path, checkpoints: Path = CHECKPOINTS) -> tuple[int, str]:
    """The exit code and the output."""
    output = StringIO()
    settings = LocalSettings(state_dir=state_path, checkpoints_dir=checkpoints)
    exit_code = check_environment(settings, Console(file=output, width=300))
    return exit_code, output.getvalue()


def test_on_a_complete_machine_all_checks_pass(state_path: Path) -> None:
    exit_code, output = run_doctor(state_path)
    assert exit_code == 0, output
    assert "(PostgreSQL) 18." in output
    assert "Valkey server v=9." in output
    assert "not running" in output


def test_a_failed_check_is_named_and_the_others_still_run(state_path: Path) -> None:
    exit_code, output = run_doctor(state_path, checkpoints=state_path / "none")
    assert exit_code == 1
    assert f"no model version in {state_path / 'none'}" in output
    assert "(PostgreSQL) 18." in output


def test_a_running_stack_is_listed_with_its_url(state_path: Path, state_dir: StateDir) -> None:
    state_dir.write("url", "http://127.0.0.1:1")
    lock = state_dir.lock()
    _exit_code, output = run_doctor(state_path)
    os.close(lock)
    assert "running at http://127.0.0.1:1" in output


def test_a_folder_that_is_not_writable_fails_its_check(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        StateDir(tmp_path / "file" / "var")
    exit_code, output = run_doctor(tmp_path / "file" / "var")
    assert exit_code == 1
    assert "Not a directory" in output
