"""Tests of the check before the installation."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import check_machine
from tests.conftest import ROOT

SCRIPT = ROOT / "deploy" / "check_machine.py"
RUN_ON_SMALL_DISK = 'mount -t tmpfs -o size=50m none "$1" && cd "$1" && exec "$0" "$2"'


def test_a_machine_that_has_everything_passes(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_is_named_before_the_installation(tmp_path: Path) -> None:
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", RUN_ON_SMALL_DISK]
    done = subprocess.run(
        [*command, sys.executable, tmp_path, SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "The disk of this folder has 0.1 GB free, and 3 GB are needed.\n"


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 15, 0)])
def test_an_unsupported_python_is_named_with_the_command_that_uses_another(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(sys, "version_info", _VersionInfo(version))
    problem = check_machine.problem()
    assert f"is {version[0]}.{version[1]}" in problem
    assert "make PYTHON=/path/to/python3.11" in problem


class _VersionInfo(tuple[int, int, int]):
    __slots__ = ()
    major = property(lambda self: self[0])
    minor = property(lambda self: self[1])


def test_versions_of_python_from_3_6_on_can_parse_it() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))
